// AveragePooling3D: the mean of each window of a volume.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>
#include <batchwise/size3d.h>

namespace batchwise {

struct AveragePooling3DOptions {
  Size3D pool_size = 2;
  std::optional<Size3D> strides;  // pool_size when not given
  std::string padding = "valid";  // or "same"
};

inline LayerRef AveragePooling3D(const AveragePooling3DOptions& options = {}) {
  return make_layer(
      {"AveragePooling3D", Config::object({{"pool_size", config_of(options.pool_size)},
                                           {"strides", config_of(options.strides.value_or(options.pool_size))},
                                           {"padding", options.padding}})});
}

}  // namespace batchwise
