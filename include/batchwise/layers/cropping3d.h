// Cropping3D: a volume without its borders.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct Cropping3DOptions {
  Config cropping = 1;  // n, or per axis; per axis also {before, after}
};

inline LayerRef Cropping3D(const Cropping3DOptions& options = {}) {
  return make_layer({"Cropping3D", Config::object({{"cropping", options.cropping}})});
}

}  // namespace batchwise
