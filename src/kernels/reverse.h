// A sequence from its end to its beginning.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// Along the first axis of each sample. REQUIRES: type.channel_block 0. Any dtype; gradients of float32.
std::unique_ptr<Kernel> make_reverse_kernel(const TensorType& type, int64_t grain);

}  // namespace batchwise
