// AdaptiveMaxPooling1D: the largest values of windows that share out a line.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct AdaptiveMaxPooling1DOptions {
  int64_t output_size = 0;  // windows share out the input
};

inline LayerRef AdaptiveMaxPooling1D(const AdaptiveMaxPooling1DOptions& options) {
  return make_layer({"AdaptiveMaxPooling1D", Config::object({{"output_size", options.output_size}})});
}

}  // namespace batchwise
