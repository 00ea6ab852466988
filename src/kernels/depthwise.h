// The depthwise convolution: each channel by itself, with its own windows.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

#include "kernels/window.h"

namespace batchwise {

struct DepthwiseKernelOptions {
  int64_t channels = 0;
  int64_t multiplier = 1;  // outputs per channel: output c * multiplier + m
  Window window;           // of rank 1 or 2, with at least one output position
  int64_t grain = 1;
  bool bias = true;
  bool learns = true;
};

// Plain tensors (H, W, C). Weights, canonical: kernel (KH, KW, channels, multiplier) and, with bias, bias.
std::unique_ptr<Kernel> make_depthwise_kernel(const DepthwiseKernelOptions& options);

}  // namespace batchwise
