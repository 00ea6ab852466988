// Concatenate: its inputs one after another along an axis.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct ConcatenateOptions {
  int64_t axis = -1;  // the batch is axis 0
};

inline LayerRef Concatenate(const ConcatenateOptions& options = {}) {
  return make_layer({"Concatenate", Config::object({{"axis", options.axis}})});
}

}  // namespace batchwise
