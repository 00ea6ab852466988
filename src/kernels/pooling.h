// Pooling over windows and over whole images.
#pragma once

#include <memory>
#include <optional>

#include <batchwise/kernel.h>

#include "kernels/window.h"

namespace batchwise {

struct PoolingKernelOptions {
  int64_t channels = 0;
  Window window;  // with at least one output position, each window with at least one input position
  int64_t grain = 1;
};

// Plain tensors (H, W, C). Padding never wins: a maximum is one of the input's values, the first of equal ones, NaN if
// there is one; an average divides by the positions inside the input.
std::unique_ptr<Kernel> make_max_pooling_kernel(const PoolingKernelOptions& options);
// Of a max pooling whose windows have at most 256 positions; nothing: it is another kernel.
std::optional<PoolingKernelOptions> max_pooling_options(const Kernel& kernel);
std::unique_ptr<Kernel> make_average_pooling_kernel(const PoolingKernelOptions& options);

// The mean over all axes but the channels, plain. `output`: (C), or the same with axes of one before it.
// REQUIRES: the input is not empty.
std::unique_ptr<Kernel> make_global_average_pooling_kernel(const Shape& input, const Shape& output, int64_t grain);

}  // namespace batchwise
