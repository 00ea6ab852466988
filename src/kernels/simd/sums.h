// Sums of runs of floats, for the machine's instruction set.
#pragma once

#include <cstdint>

namespace batchwise {

// y = a + b. y may be a or b.
void add_elements(const float* a, const float* b, float* y, int64_t count);

}  // namespace batchwise
