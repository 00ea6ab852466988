// Steps whose values all are one number are zeroed and do not count.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// Outputs: the input with those steps zeroed, and the mask, of dtype Bool, over all axes but the last.
std::unique_ptr<Kernel> make_masking_kernel(float value, const TensorType& type, int64_t grain);

}  // namespace batchwise
