// x where positive, else a learned slope times x.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// Weight: slopes of the given shape, dimensions of 1 repeated. REQUIRES: type.channel_block 0.
std::unique_ptr<Kernel> make_prelu_kernel(const TensorType& type, const Shape& slopes, int64_t grain);

}  // namespace batchwise
