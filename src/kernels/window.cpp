// Windows along one axis and along several.
#include "kernels/window.h"

#include <algorithm>

namespace batchwise {
namespace {

void set_after(WindowAxis& axis) {
  axis.after = std::max<int64_t>((axis.output - 1) * axis.stride + axis.reach() - axis.before - axis.input, 0);
}

Shape shape_of(int rank, int64_t depth, int64_t height, int64_t width, int64_t channels) {
  if (rank == 1) return {width, channels};
  if (rank == 2) return {height, width, channels};
  return {depth, height, width, channels};
}

}  // namespace

WindowAxis window_axis(int64_t input, int64_t window, int64_t stride, int64_t dilation, bool same) {
  WindowAxis axis{.input = input, .window = window, .stride = stride, .dilation = dilation};
  if (same) {
    axis.output = (input + stride - 1) / stride;
    axis.before = std::max<int64_t>((axis.output - 1) * stride + axis.reach() - input, 0) / 2;
    set_after(axis);
  } else {
    axis.output = input < axis.reach() ? 0 : (input - axis.reach()) / stride + 1;
  }
  return axis;
}

WindowAxis causal_axis(int64_t input, int64_t window, int64_t stride, int64_t dilation) {
  WindowAxis axis{.input = input, .window = window, .stride = stride, .dilation = dilation};
  axis.before = axis.reach() - 1;
  axis.output = (input + stride - 1) / stride;
  return axis;
}

WindowAxis transposed_axis(int64_t input, int64_t window, int64_t stride, int64_t dilation, bool same,
                           std::optional<int64_t> output_padding) {
  WindowAxis axis{.window = window, .stride = stride, .dilation = dilation, .output = input};
  if (output_padding)
    axis.input = (input - 1) * stride + axis.reach() - (same ? axis.reach() / 2 * 2 : 0) + *output_padding;
  else axis.input = same ? input * stride : input * stride + std::max<int64_t>(axis.reach() - stride, 0);
  if (same) axis.before = std::max<int64_t>((input - 1) * stride + axis.reach() - axis.input, 0) / 2;
  set_after(axis);
  return axis;
}

Shape Window::input_shape(int64_t channels) const {
  return shape_of(rank, depth.input, height.input, width.input, channels);
}
Shape Window::output_shape(int64_t channels) const {
  return shape_of(rank, depth.output, height.output, width.output, channels);
}

}  // namespace batchwise
