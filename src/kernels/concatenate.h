// Tensors one after another along an axis.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// axis: of the shape of one sample. Any dtype, gradients of float32. REQUIRES: one layout and dtype for all; with
// blocked channels and the last axis, every part fills its blocks.
std::unique_ptr<Kernel> make_concatenate_kernel(const std::vector<TensorType>& types, int axis, int64_t grain);

}  // namespace batchwise
