// Dropout and normal noise of runs of floats with addressed randomness, for the machine's instruction set.
#pragma once

#include <cstdint>

namespace batchwise {

// y[i] = x[i] * scale where kept, else 0. Element i is kept when the upper 24 bits of its random word are not below
// `threshold` (at most 2^24): word i % 4 of philox(key, sample, i / 4). y may be x.
void drop_elements(const float* x, float* y, int64_t count, uint64_t key, uint64_t sample, uint32_t threshold,
                   float scale);

// y[i] is normal of the given mean and deviation: elements 2k and 2k + 1 come from those words of philox as above.
void normal_elements(float* y, int64_t count, uint64_t key, uint64_t sample, float mean, float deviation);

}  // namespace batchwise
