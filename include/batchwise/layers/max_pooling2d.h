// MaxPooling2D: the largest value of each window of an image.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>
#include <batchwise/size2d.h>

namespace batchwise {

struct MaxPooling2DOptions {
  Size2D pool_size = 2;
  std::optional<Size2D> strides;  // pool_size when not given
  std::string padding = "valid";  // or "same"
};

inline LayerRef MaxPooling2D(const MaxPooling2DOptions& options = {}) {
  return make_layer(
      {"MaxPooling2D", Config::object({{"pool_size", config_of(options.pool_size)},
                                       {"strides", config_of(options.strides.value_or(options.pool_size))},
                                       {"padding", options.padding}})});
}

}  // namespace batchwise
