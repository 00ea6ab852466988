// Which instructions the kernels use: recorded with every run, since rounding depends on it.
#pragma once

#include <string>

namespace batchwise {

std::string instruction_set();  // "avx512", "avx2", ...
// The same with what multiplies bfloat16, where some layer computes in it: "avx512+amx_bf16".
std::string instruction_set(bool bfloat16);

}  // namespace batchwise
