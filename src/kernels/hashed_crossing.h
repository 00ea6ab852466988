// Two or more features crossed into bins by the hash of their values together.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// Inputs of one shape, text or int32 each -> int32 of the same shape.
std::unique_ptr<Kernel> make_hashed_crossing_kernel(const std::vector<TensorType>& types, int64_t bins, int64_t grain);

}  // namespace batchwise
