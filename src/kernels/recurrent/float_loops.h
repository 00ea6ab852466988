// Sums and products of arrays of floats.
#pragma once

#include <cstdint>

namespace batchwise {

inline void add(const float* from, float* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] += from[i];
}
inline void add_product(const float* from, const float* factors, float* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] += from[i] * factors[i];
}
inline void multiply_into(const float* from, const float* factors, float* to, int64_t count) {
  for (int64_t i = 0; i < count; ++i) to[i] = from[i] * factors[i];
}

}  // namespace batchwise
