// The same tensor in another channel layout.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// forward: `from` -> the same shape with `channel_block`; backward: the gradient back again.
std::unique_ptr<Kernel> make_reorder_kernel(const TensorType& from, int channel_block, int64_t grain);

}  // namespace batchwise
