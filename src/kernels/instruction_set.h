// Which instructions the kernels use: recorded with every run, since rounding depends on it.
#pragma once

#include <string>

namespace batchwise {

std::string instruction_set();  // "avx512_core_bf16", "avx2", ...

}  // namespace batchwise
