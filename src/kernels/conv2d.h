// The 2-D convolution with bias and an optional fused ReLU.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

#include "kernels/window2d.h"

namespace batchwise {

struct Conv2DKernelOptions {
  int64_t channels = 0;
  int64_t filters = 0;
  int64_t groups = 1;  // divides channels and filters
  Window2D window;     // with at least one output position
  int64_t grain = 1;
  bool bias = true;
  bool relu = false;
  bool learns = true;          // somebody wants the gradients of the weights
  bool input_gradient = true;  // somebody wants the gradient of the input
  bool winograd = true;        // where the shapes suit it; false: never
};

// Plain tensors (H, W, C). Weights: kernel (KH, KW, channels / groups, filters) and, with bias, bias (filters).
std::unique_ptr<Kernel> make_conv2d_kernel(const Conv2DKernelOptions& options);

}  // namespace batchwise
