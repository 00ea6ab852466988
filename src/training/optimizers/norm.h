// Sums over the elements of a variable, in one order.
#pragma once

#include <cmath>
#include <cstdint>

namespace batchwise {

// Of the squares. Eight chains, so that additions need not wait for each other.
inline double sum_of_squares(const float* values, int64_t count) {
  double sums[8] = {};
  int64_t i = 0;
  for (; i + 8 <= count; i += 8)
    for (int k = 0; k < 8; ++k) sums[k] += static_cast<double>(values[i + k]) * static_cast<double>(values[i + k]);
  for (; i < count; ++i) sums[0] += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

inline float root_mean_square(const float* values, int64_t count) {
  return static_cast<float>(std::sqrt(sum_of_squares(values, count) / static_cast<double>(count)));
}

}  // namespace batchwise
