// Whether numbers are finite.
#pragma once

#include <cmath>
#include <cstdint>

namespace batchwise {

// x * 0 is 0 for every finite x and NaN otherwise: one pass without branches.
inline bool all_finite(const float* values, int64_t count) {
  constexpr int64_t kSums = 128;  // enough to hide the latency of an addition
  float sums[kSums] = {};
  int64_t i = 0;
  for (; i + kSums <= count; i += kSums)
    for (int64_t k = 0; k < kSums; ++k) sums[k] += values[i + k] * 0.0f;
  float sum = 0;
  for (; i < count; ++i) sum += values[i] * 0.0f;
  for (float each : sums) sum += each;
  return sum == 0;
}

// Null: all are.
inline const float* first_not_finite(const float* values, int64_t count) {
  if (all_finite(values, count)) return nullptr;
  while (std::isfinite(*values)) ++values;
  return values;
}

}  // namespace batchwise
