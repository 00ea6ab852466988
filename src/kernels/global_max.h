// The largest value of each channel.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// Over all axes but the channels, plain. `output`: (C), or the same with axes of one before it. Ties share the gradient
// equally. REQUIRES: the input is not empty.
std::unique_ptr<Kernel> make_global_max_kernel(const Shape& input, const Shape& output, int64_t grain);

}  // namespace batchwise
