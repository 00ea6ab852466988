// UpSampling2D: each element of a image several times.
#pragma once

#include <string>

#include <batchwise/model.h>
#include <batchwise/size2d.h>

namespace batchwise {

struct UpSampling2DOptions {
  Size2D size = 2;
  std::string interpolation = "nearest";  // or "bilinear", "bicubic", "lanczos3", "lanczos5"
};

inline LayerRef UpSampling2D(const UpSampling2DOptions& options = {}) {
  return make_layer(
      {"UpSampling2D", Config::object({{"size", config_of(options.size)}, {"interpolation", options.interpolation}})});
}

}  // namespace batchwise
