// AdaptiveAveragePooling3D: means of windows that share out a volume.
#pragma once

#include <batchwise/model.h>
#include <batchwise/size3d.h>

namespace batchwise {

struct AdaptiveAveragePooling3DOptions {
  Size3D output_size = 0;  // windows share out the input
};

inline LayerRef AdaptiveAveragePooling3D(const AdaptiveAveragePooling3DOptions& options) {
  return make_layer({"AdaptiveAveragePooling3D", Config::object({{"output_size", config_of(options.output_size)}})});
}

}  // namespace batchwise
