// Convolutions over lines, images and volumes, and their transposes, with bias and an optional fused ReLU.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

#include "kernels/window.h"

namespace batchwise {

struct ConvolutionKernelOptions {
  int64_t channels = 0;
  int64_t filters = 0;
  int64_t groups = 1;  // divides channels and filters
  Window window;       // with at least one output position
  int64_t grain = 1;
  bool bias = true;
  bool relu = false;
  bool learns = true;          // somebody wants the gradients of the weights
  bool input_gradient = true;  // somebody wants the gradient of the input
  bool winograd = true;        // where the shapes suit it; false: never
  bool bfloat16 = false;       // operands of the products are rounded, sums are not
};

// Plain tensors (H, W, C). Weights: kernel (KH, KW, channels / groups, filters) and, with bias, bias (filters).
std::unique_ptr<Kernel> make_convolution_kernel(const ConvolutionKernelOptions& options);

// The transpose of that convolution: takes its outputs (filters) and gives its inputs (channels), bias (channels).
std::unique_ptr<Kernel> make_transposed_convolution_kernel(const ConvolutionKernelOptions& options);

}  // namespace batchwise
