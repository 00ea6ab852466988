// Cropping2D: a image without its borders.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct Cropping2DOptions {
  Config cropping = 0;  // n, or per axis; per axis also {before, after}
};

inline LayerRef Cropping2D(const Cropping2DOptions& options = {}) {
  return make_layer({"Cropping2D", Config::object({{"cropping", options.cropping}})});
}

}  // namespace batchwise
