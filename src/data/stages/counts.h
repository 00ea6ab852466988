// Arithmetic of cardinalities: a number that does not fit 63 bits counts as endless, since nobody sees its end.
#pragma once

#include <algorithm>
#include <cstdint>

#include <batchwise/stage.h>

namespace batchwise {

// REQUIRES: neither is negative.
inline int64_t sum_of_counts(int64_t a, int64_t b) {
  int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? kInfinite : sum;
}
inline int64_t product_of_counts(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kInfinite : product;
}

// Of `wanted` elements as many as are held at a time; of data of unknown length no number that memory could hold.
inline int64_t held_of(int64_t wanted, int64_t cardinality) {
  return std::min(wanted, cardinality < 0 ? int64_t{1} << 32 : cardinality);
}

// Bytes of so many elements; what is more than any memory counts as 2^60, so that sums of them stay right.
inline int64_t bytes_of(int64_t elements, int64_t each) {
  constexpr int64_t kTooMany = int64_t{1} << 60;
  int64_t bytes = 0;
  return __builtin_mul_overflow(elements, each, &bytes) ? kTooMany : std::min(bytes, kTooMany);
}

}  // namespace batchwise
