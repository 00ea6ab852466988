// The passes of a depthwise convolution over one image. Nothing here allocates but the making of a pass.
#pragma once

#include <vector>

#include <batchwise/kernel.h>

#include "kernels/window.h"

namespace batchwise {

// Positions along one axis that see the same taps: position first + i * step of what is written reads, at each tap,
// position read + i * read_step, when it is there.
struct TapRun {
  int64_t first = 0, count = 0, step = 1;
  std::vector<int64_t> taps, reads;
  int64_t read_step = 1;
};

// Forward and the gradient of the input are the same walk with other reads.
struct DepthwisePass {
  int64_t channels = 0;
  int64_t read_height = 0, read_width = 0, written_height = 0, written_width = 0;
  int64_t tap_columns = 1;  // of the window
  std::vector<TapRun> rows, columns;
};
DepthwisePass depthwise_forward(const Window& window, int64_t channels);
DepthwisePass depthwise_backward(const Window& window, int64_t channels);

// weights: (taps, channels). Writes every position of the share; bias may be null.
void run_depthwise(const DepthwisePass& pass, const float* from, const float* weights, const float* bias, bool relu,
                   float* to, const Share& share = {});

// to (taps, channels) += sums over positions of input * output_gradient.
void add_depthwise_gradient(const Window& window, int64_t channels, const float* input, const float* output_gradient,
                            float* to);

}  // namespace batchwise
