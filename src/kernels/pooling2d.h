// Pooling over windows and over whole images.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

#include "kernels/window2d.h"

namespace batchwise {

struct Pooling2DKernelOptions {
  int64_t channels = 0;
  Window2D window;  // with at least one output position, each window with at least one input position
  int64_t grain = 1;
};

// Plain tensors (H, W, C). Padding never wins: a maximum is one of the input's values, the first of equal ones, NaN if
// there is one; an average divides by the positions inside the input.
std::unique_ptr<Kernel> make_max_pooling2d_kernel(const Pooling2DKernelOptions& options);
std::unique_ptr<Kernel> make_average_pooling2d_kernel(const Pooling2DKernelOptions& options);

// (H, W, C), plain -> (C), or (1, 1, C) with keep_dimensions.
std::unique_ptr<Kernel> make_global_average_pooling2d_kernel(const Shape& input, bool keep_dimensions, int64_t grain);

}  // namespace batchwise
