// MaxPooling3D: the largest value of each window of a volume.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>
#include <batchwise/size3d.h>

namespace batchwise {

struct MaxPooling3DOptions {
  Size3D pool_size = 2;
  std::optional<Size3D> strides;  // pool_size when not given
  std::string padding = "valid";  // or "same"
};

inline LayerRef MaxPooling3D(const MaxPooling3DOptions& options = {}) {
  return make_layer(
      {"MaxPooling3D", Config::object({{"pool_size", config_of(options.pool_size)},
                                       {"strides", config_of(options.strides.value_or(options.pool_size))},
                                       {"padding", options.padding}})});
}

}  // namespace batchwise
