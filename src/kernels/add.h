// The sum of several tensors.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// types: of equal shape and layout, or plain ones of equal rank whose dimensions of 1 are repeated.
// shape: that of the sum.
std::unique_ptr<Kernel> make_add_kernel(const std::vector<TensorType>& types, const Shape& shape, int64_t grain);

}  // namespace batchwise
