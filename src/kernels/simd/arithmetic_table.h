// Functions of one number besides activations, as runs over floats, by name.
#pragma once

#include "kernels/simd/activation_table.h"

namespace batchwise {

// "exp", "log", "sqrt", "square", "abs", ...; "clip" takes its bounds as a and b. Null for others.
const ActivationEntry* find_arithmetic_entry(std::string_view name);

}  // namespace batchwise
