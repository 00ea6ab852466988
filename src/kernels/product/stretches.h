// The stretches of k that a product's chains are cut into.
#pragma once

#include <algorithm>

#include "kernels/product/product.h"

namespace batchwise {

// body(stretch), in their order: each a product that leaves the registers once.
template <class Body>
void in_stretches(const Product& whole, Body body) {
  if (in_one_stretch(whole)) return body(whole);
  Product part = whole;
  const int64_t most = stretch_of(whole);
  const int64_t segments = std::max<int64_t>(1, most / whole.length);
  const int64_t pieces = (whole.length + most - 1) / most;
  for (int64_t s = 0; s < whole.segments; s += segments) {
    part.segments = std::min(segments, whole.segments - s);
    part.a_segments = whole.a_segments ? whole.a_segments + s : nullptr;
    for (int64_t i = 0; i < pieces; ++i) {
      const int64_t first = whole.length * i / pieces, last = whole.length * (i + 1) / pieces;
      const bool begin = s == 0 && i == 0, end = s + part.segments == whole.segments && i + 1 == pieces;
      part.length = last - first;
      part.a = whole.a + first * whole.a_step;
      part.b = whole.b + (s * whole.length + first) * whole.b_step;
      part.accumulate = whole.accumulate || !begin;
      part.bias = begin ? whole.bias : nullptr;
      part.relu = end && whole.relu;
      body(part);
    }
  }
}

}  // namespace batchwise
