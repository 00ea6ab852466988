// GlobalAveragePooling1D: the mean of each channel of a line.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct GlobalAveragePooling1DOptions {
  bool keepdims = false;  // axes of 1 stay
};

inline LayerRef GlobalAveragePooling1D(const GlobalAveragePooling1DOptions& options = {}) {
  return make_layer({"GlobalAveragePooling1D", Config::object({{"keepdims", options.keepdims}})});
}

}  // namespace batchwise
