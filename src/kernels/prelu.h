// A leaky ReLU whose slopes below zero are weights.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// Weight: alpha, of the shape of a sample with 1 along shared axes. Plain.
std::unique_ptr<Kernel> make_prelu_kernel(const TensorType& type, const Shape& alpha, int64_t grain);

}  // namespace batchwise
