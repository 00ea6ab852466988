// AdaptiveMaxPooling3D: the largest values of windows that share out a volume.
#pragma once

#include <batchwise/model.h>
#include <batchwise/size3d.h>

namespace batchwise {

struct AdaptiveMaxPooling3DOptions {
  Size3D output_size = 0;  // windows share out the input
};

inline LayerRef AdaptiveMaxPooling3D(const AdaptiveMaxPooling3DOptions& options) {
  return make_layer({"AdaptiveMaxPooling3D", Config::object({{"output_size", config_of(options.output_size)}})});
}

}  // namespace batchwise
