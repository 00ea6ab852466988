// Sums of runs of floats, for the machine's instruction set.
#pragma once

#include <cstdint>

namespace batchwise {

// y = a + b. y may be a or b.
void add_elements(const float* a, const float* b, float* y, int64_t count);

// Of the squares, in one order; runs of 1024 elements are added as floats, those as doubles.
double sum_squares(const float* x, int64_t count);

}  // namespace batchwise
