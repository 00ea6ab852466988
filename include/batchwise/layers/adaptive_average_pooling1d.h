// AdaptiveAveragePooling1D: means of windows that share out a line.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct AdaptiveAveragePooling1DOptions {
  int64_t output_size = 0;  // windows share out the input
};

inline LayerRef AdaptiveAveragePooling1D(const AdaptiveAveragePooling1DOptions& options) {
  return make_layer({"AdaptiveAveragePooling1D", Config::object({{"output_size", options.output_size}})});
}

}  // namespace batchwise
