// The run of elements that one of several lanes computes.
#pragma once

#include <algorithm>
#include <cstdint>

#include <batchwise/kernel.h>

namespace batchwise {

// Cut at cache lines, where vectors of every instruction set begin: no element is computed otherwise than in the whole.
struct ElementShare {
  int64_t first = 0, count = 0;
  ElementShare(int64_t elements, const Share& share) {
    constexpr int64_t kLine = 16;
    const int64_t lines = (elements + kLine - 1) / kLine;
    first = share.begin(lines) * kLine;
    count = std::min(elements, share.end(lines) * kLine) - first;
  }
};

}  // namespace batchwise
