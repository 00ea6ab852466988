// Windows over lines, images and volumes: sizes, strides and Keras's paddings, of convolution and pooling alike.
#pragma once

#include <cstdint>
#include <optional>

#include <batchwise/shape.h>

namespace batchwise {

// Along one axis. An axis that is not there has one position and a window of one.
struct WindowAxis {
  int64_t input = 1;  // positions before
  int64_t window = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t before = 0;  // padding at the beginning
  int64_t after = 0;
  int64_t output = 1;  // positions after

  int64_t reach() const { return (window - 1) * dilation + 1; }
};

// "valid": windows lie within the input. "same": ceil(input / stride) outputs, the odd element of padding at the end.
WindowAxis window_axis(int64_t input, int64_t window, int64_t stride, int64_t dilation, bool same);
// "causal": an output sees its own position and those before.
WindowAxis causal_axis(int64_t input, int64_t window, int64_t stride, int64_t dilation);
// The axis of the convolution whose transpose takes `input` positions: they are its outputs, its inputs come out.
WindowAxis transposed_axis(int64_t input, int64_t window, int64_t stride, int64_t dilation, bool same,
                           std::optional<int64_t> output_padding);

struct Window {
  WindowAxis height, width, depth;
  int rank = 2;  // 1: width alone, a line; 2: height and width, an image; 3: depth, height and width, a volume

  int64_t inputs() const { return depth.input * height.input * width.input; }
  int64_t outputs() const { return depth.output * height.output * width.output; }
  int64_t taps() const { return depth.window * height.window * width.window; }
  Shape input_shape(int64_t channels) const;
  Shape output_shape(int64_t channels) const;
};

}  // namespace batchwise
