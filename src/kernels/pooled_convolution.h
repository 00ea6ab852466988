// A convolution and the max pooling behind it as one kernel: what lies between them is never kept.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

#include "kernels/convolution.h"
#include "kernels/pooling.h"

namespace batchwise {

// Outputs to the bit as of the two kernels one after the other; the kernel's gradient is summed band by band.
// REQUIRES: pooling takes the convolution's outputs, its window has at most 256 positions; float32.
std::unique_ptr<Kernel> make_pooled_convolution_kernel(const ConvolutionKernelOptions& convolution,
                                                       const PoolingKernelOptions& pooling);

}  // namespace batchwise
