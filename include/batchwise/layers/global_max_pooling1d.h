// GlobalMaxPooling1D: the largest value of each channel of a line.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct GlobalMaxPooling1DOptions {
  bool keepdims = false;  // axes of 1 stay
};

inline LayerRef GlobalMaxPooling1D(const GlobalMaxPooling1DOptions& options = {}) {
  return make_layer({"GlobalMaxPooling1D", Config::object({{"keepdims", options.keepdims}})});
}

}  // namespace batchwise
