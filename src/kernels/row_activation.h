// Softmax and its like as kernels, along one axis or several neighbouring ones.
#pragma once

#include <memory>
#include <string_view>

#include <batchwise/kernel.h>

namespace batchwise {

bool is_row_activation(std::string_view name);

// REQUIRES: is_row_activation(name), type.channel_block 0, axes [first, last] of the shape of one sample.
std::unique_ptr<Kernel> make_row_activation_kernel(std::string_view name, const TensorType& type, int64_t grain,
                                                   int first, int last);

// The gated linear unit: halves the last axis, a * sigmoid(b). REQUIRES: the last axis is even, channel_block 0.
std::unique_ptr<Kernel> make_glu_kernel(const TensorType& type, int64_t grain);

}  // namespace batchwise
