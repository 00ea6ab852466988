// Products of everything so far along an axis.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// REQUIRES: float32, type.channel_block 0.
std::unique_ptr<Kernel> make_running_product_kernel(const TensorType& type, int axis, int64_t grain);

}  // namespace batchwise
