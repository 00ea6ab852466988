// Windows over images: sizes, strides and Keras's paddings, of convolution and pooling alike.
#pragma once

#include <cstdint>

namespace batchwise {

// Along one axis.
struct WindowAxis {
  int64_t input = 0;  // positions before
  int64_t window = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t before = 0;  // padding at the beginning
  int64_t after = 0;
  int64_t output = 0;  // positions after

  int64_t reach() const { return (window - 1) * dilation + 1; }
};

// "valid": windows lie within the input. "same": ceil(input / stride) outputs, the odd element of padding at the end.
WindowAxis window_axis(int64_t input, int64_t window, int64_t stride, int64_t dilation, bool same);

struct Window2D {
  WindowAxis height, width;
};

}  // namespace batchwise
