// ZeroPadding2D: zeros around images.
#pragma once

#include <array>

#include <batchwise/model.h>

namespace batchwise {

struct ZeroPadding2DOptions {
  std::array<int64_t, 2> height = {1, 1};  // rows of zeros above, below
  std::array<int64_t, 2> width = {1, 1};   // columns of zeros left, right
};

inline LayerRef ZeroPadding2D(const ZeroPadding2DOptions& options) {
  using List = Config::List;
  return make_layer({"ZeroPadding2D", Config::object({{"padding", List{List{options.height[0], options.height[1]},
                                                                       List{options.width[0], options.width[1]}}}})});
}
inline LayerRef ZeroPadding2D(int64_t padding = 1) {
  return make_layer({"ZeroPadding2D", Config::object({{"padding", padding}})});
}

}  // namespace batchwise
