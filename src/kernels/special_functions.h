// Functions of one number or two that are computed number by number, by name: erfc, its inverse, sinc, fmod.
#pragma once

#include <string_view>

#include "kernels/simd/activation_table.h"
#include "kernels/simd/binary_table.h"

namespace batchwise {

// "erfc", "erfinv", "cbrt", "exp2", "sinc", "i0", "angle"; "nan_to_num": a, b, c stand for NaN, inf and -inf;
// "round_to": to multiples of 1 / a. Null for others.
const ActivationEntry* find_special_entry(std::string_view name);

// "fmod", "fmax", "fmin", "logaddexp2", "heaviside", "ldexp", "nextafter". Null for others.
const BinaryEntry* find_special_binary_entry(std::string_view name);

}  // namespace batchwise
