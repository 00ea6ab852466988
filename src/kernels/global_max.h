// The largest value of each channel of an image.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// type: plain (H, W, C). keepdims: the output is (1, 1, C) instead of (C). Ties share the gradient equally.
std::unique_ptr<Kernel> make_global_max_kernel(const TensorType& type, bool keepdims, int64_t grain);

}  // namespace batchwise
