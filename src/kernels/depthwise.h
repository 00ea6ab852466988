// The depthwise convolution: each channel by windows of its own.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

#include "kernels/window.h"

namespace batchwise {

struct DepthwiseKernelOptions {
  int64_t channels = 0;
  int64_t multiplier = 1;  // outputs of each channel
  Window window;           // over a line or an image, with at least one output position
  int64_t grain = 1;
  bool bias = true;
  bool relu = false;
  bool learns = true;          // somebody wants the gradients of the weights
  bool input_gradient = true;  // somebody wants the gradient of the input
};

// Plain tensors (..., C) -> (..., C * multiplier). Weights: kernel (window, C, multiplier) and, with bias, bias
// (C * multiplier); canonical.
std::unique_ptr<Kernel> make_depthwise_kernel(const DepthwiseKernelOptions& options);

}  // namespace batchwise
