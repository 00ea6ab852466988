// Dropout of runs of floats with addressed randomness, for the machine's instruction set.
#pragma once

#include <cstdint>

namespace batchwise {

// y[i] = x[i] * scale where kept, else 0. Element i is kept when the upper 24 bits of its random word are not below
// `threshold` (at most 2^24): word i % 4 of philox(key, sample, i / 4). y may be x.
void drop_elements(const float* x, float* y, int64_t count, uint64_t key, uint64_t sample, uint32_t threshold,
                   float scale);

}  // namespace batchwise
