// Activations as kernels, by Keras name.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/kernel.h>
#include <batchwise/layer.h>

#include "kernels/simd/activation_table.h"

namespace batchwise {

// Keras's names: "linear", "relu", "softmax", ..., or a Spec with arguments. Throws, suggesting the nearest name.
// Elementwise ones accept any layout; softmax and its like need channel_block 0.
std::unique_ptr<Kernel> make_activation_kernel(const Spec& activation, const TensorType& type, int64_t grain);
// One of the tables' functions, in any layout.
std::unique_ptr<Kernel> make_elementwise_kernel(const ActivationEntry& entry, const ActivationParameters& parameters,
                                                const TensorType& type, int64_t grain);
// The limit of a kernel that gives min(max(x, 0), limit), infinity where there is none; nothing: it gives something
// else.
std::optional<float> rectifier_limit(const Kernel& kernel);
// What an elementwise kernel computes, where f(0) = 0 and its gradient is had from f(x); nothing: it is another kernel.
std::optional<ActivationFunction> function_of_output(const Kernel& kernel);
bool is_linear(const Spec& activation);                                 // empty, null or "linear"
void check_activation(const Spec& activation, std::string_view where);  // throws for unknown names

// As a function of single values, for kernels that fuse it. Throws for softmax and its like.
ActivationFunction elementwise_activation(const Spec& activation, std::string_view where);

// Appends the activation to a program; gives `value` back for a linear one.
Value lower_activation(Lowering& lowering, Value value, const Spec& activation);

}  // namespace batchwise
