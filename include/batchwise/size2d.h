// A size of an image or a window: height and width.
#pragma once

#include <cstdint>

#include <batchwise/config.h>

namespace batchwise {

// One number stands for both: Conv2D({.filters = 32, .kernel_size = 3}).
struct Size2D {
  Size2D(int64_t both) : height(both), width(both) {}
  Size2D(int64_t h, int64_t w) : height(h), width(w) {}

  int64_t height, width;
};

inline Config config_of(const Size2D& size) { return Config(Config::List{size.height, size.width}); }

}  // namespace batchwise
