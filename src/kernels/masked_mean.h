// The mean of the steps that a mask lets count.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// Inputs: (T, C) plain, and its mask (T) of dtype bool. As in Keras, a sample with no step that counts gives NaN.
std::unique_ptr<Kernel> make_masked_mean_kernel(const Shape& input, const Shape& output, int64_t grain);

}  // namespace batchwise
