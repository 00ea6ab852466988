// AdaptiveMaxPooling2D: the largest values of windows that share out a image.
#pragma once

#include <batchwise/model.h>
#include <batchwise/size2d.h>

namespace batchwise {

struct AdaptiveMaxPooling2DOptions {
  Size2D output_size = 0;  // windows share out the input
};

inline LayerRef AdaptiveMaxPooling2D(const AdaptiveMaxPooling2DOptions& options) {
  return make_layer({"AdaptiveMaxPooling2D", Config::object({{"output_size", config_of(options.output_size)}})});
}

}  // namespace batchwise
