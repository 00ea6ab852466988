// Brightness and contrast: each sample's pixels scaled about the mean of their channel and moved, within a range.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

struct ColorShift {
  float scale = 1;  // about the mean of the channel over the image
  float added = 0;
};

struct ColorShiftRules {
  uint64_t key = 0;                                                    // of the layer's randomness
  std::function<ColorShift(const std::array<float, 4>& drawn)> shift;  // of one sample. Must not allocate
  float least = 0, most = 255;                                         // what comes out is brought between
};

// (..., C) of plain float32.
std::unique_ptr<Kernel> make_color_shift_kernel(const ColorShiftRules& rules, const TensorType& type, int64_t grain);

}  // namespace batchwise
