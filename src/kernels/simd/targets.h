// The instruction sets that kernels are compiled for: to be included before hwy/foreach_target.h.
#pragma once

#include <hwy/detect_targets.h>

// SSSE3 machines use SSE4's or the baseline; AVX3_DL adds nothing that float arithmetic uses. Each target left out is
// compile time saved in every file.
#undef HWY_DISABLED_TARGETS
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_AVX3_DL)

// Before a loop over a small constant number of vectors, which are to stay in registers.
#define BATCHWISE_UNROLL _Pragma("GCC unroll 8")
