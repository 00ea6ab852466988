// The steps of a sequence as tensors of their own, and back.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// (steps, ...) -> an output for every step. REQUIRES: type.channel_block 0. Gradients of float32.
std::unique_ptr<Kernel> make_unstack_kernel(const TensorType& type, int64_t grain);
// `steps` inputs of one type -> (steps, ...).
std::unique_ptr<Kernel> make_stack_kernel(const TensorType& step, int64_t steps, int64_t grain);

}  // namespace batchwise
