// The same bytes under another shape.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// REQUIRES: type.channel_block 0, equal counts.
std::unique_ptr<Kernel> make_view_kernel(const TensorType& type, const Shape& shape, int64_t grain);

}  // namespace batchwise
