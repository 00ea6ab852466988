// A kernel on the steps of sequences: each is a sample to it.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// `kernel` was made for grain * leading.count() samples. What lies in memory is the same; outputs get the leading axes.
// Throws for kernels with statistics over the batch.
std::unique_ptr<Kernel> make_each_step_kernel(std::unique_ptr<Kernel> kernel, const Shape& leading);

}  // namespace batchwise
