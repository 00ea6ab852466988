// AdaptiveAveragePooling2D: means of windows that share out a image.
#pragma once

#include <batchwise/model.h>
#include <batchwise/size2d.h>

namespace batchwise {

struct AdaptiveAveragePooling2DOptions {
  Size2D output_size = 0;  // windows share out the input
};

inline LayerRef AdaptiveAveragePooling2D(const AdaptiveAveragePooling2DOptions& options) {
  return make_layer({"AdaptiveAveragePooling2D", Config::object({{"output_size", config_of(options.output_size)}})});
}

}  // namespace batchwise
