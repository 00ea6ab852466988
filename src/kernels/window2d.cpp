// Windows along one axis.
#include "kernels/window2d.h"

#include <algorithm>

namespace batchwise {

WindowAxis window_axis(int64_t input, int64_t window, int64_t stride, int64_t dilation, bool same) {
  WindowAxis axis{.input = input, .window = window, .stride = stride, .dilation = dilation};
  if (same) {
    axis.output = (input + stride - 1) / stride;
    const int64_t padding = std::max<int64_t>((axis.output - 1) * stride + axis.reach() - input, 0);
    axis.before = padding / 2;
    axis.after = padding - axis.before;
  } else {
    axis.output = input < axis.reach() ? 0 : (input - axis.reach()) / stride + 1;
  }
  return axis;
}

}  // namespace batchwise
