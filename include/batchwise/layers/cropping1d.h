// Cropping1D: a line without its borders.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct Cropping1DOptions {
  Config cropping = Config::List{1, 1};  // n, or per axis; per axis also {before, after}
};

inline LayerRef Cropping1D(const Cropping1DOptions& options = {}) {
  return make_layer({"Cropping1D", Config::object({{"cropping", options.cropping}})});
}

}  // namespace batchwise
