// A size of a volume or a window: depth, height and width.
#pragma once

#include <cstdint>

#include <batchwise/config.h>

namespace batchwise {

// One number stands for all: Conv3D({.filters = 8, .kernel_size = 3}).
struct Size3D {
  Size3D(int64_t all) : depth(all), height(all), width(all) {}
  Size3D(int64_t d, int64_t h, int64_t w) : depth(d), height(h), width(w) {}

  int64_t depth, height, width;
};

inline Config config_of(const Size3D& size) { return Config(Config::List{size.depth, size.height, size.width}); }

}  // namespace batchwise
