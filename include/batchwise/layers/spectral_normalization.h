// SpectralNormalization: a layer whose kernel is divided by its largest singular value at each step of training.
#pragma once

#include <batchwise/wrapped_layer.h>

namespace batchwise {

struct SpectralNormalizationOptions {
  int64_t power_iterations = 1;  // of the estimate at each step
};

// A layer of the same arguments as the one given, which itself stays as it is.
inline LayerRef SpectralNormalization(const LayerRef& layer, const SpectralNormalizationOptions& options = {}) {
  return make_layer({"SpectralNormalization",
                     Config::object({{"layer", arguments_of(layer)}, {"power_iterations", options.power_iterations}})});
}

}  // namespace batchwise
