// Images moved, turned and scaled: each sample by a map of its own, drawn from its address.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// Which source position an output pixel shows: x' = xx x + xy y + x0, y' = yx x + yy y + y0.
struct WarpMap {
  float xx = 1, xy = 0, x0 = 0;
  float yx = 0, yy = 1, y0 = 0;
};

enum class WarpFill { Constant, Reflect, Wrap, Nearest };  // what lies outside the image; tf.image's rules

struct WarpRules {
  uint64_t key = 0;  // of the layer's randomness
  // The map of one sample from four numbers in [0, 1). Must not allocate.
  std::function<WarpMap(const std::array<float, 4>& drawn)> map;
  int64_t height = 1, width = 1;  // of the output
  WarpFill fill = WarpFill::Reflect;
  float fill_value = 0;
  bool bilinear = true;  // else the nearest pixel
};

// (H, W, C) -> (height, width, C), plain float32.
std::unique_ptr<Kernel> make_warp_kernel(const WarpRules& rules, const TensorType& type, int64_t grain);

}  // namespace batchwise
