// NumPy's legacy shuffle.
#include "data/numpy_shuffle.h"

#include <bit>
#include <numeric>
#include <random>
#include <utility>

namespace batchwise {

std::vector<int64_t> numpy_shuffle(int64_t count, uint32_t seed) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::mt19937 bits(seed);
  for (int64_t i = count - 1; i >= 1; --i) {
    // Numbers are drawn with as few bits as hold i, until one is at most i.
    const uint64_t mask = std::bit_ceil(static_cast<uint64_t>(i) + 1) - 1;
    uint64_t j;
    do j = bits() & mask;
    while (j > static_cast<uint64_t>(i));
    std::swap(order[static_cast<size_t>(i)], order[j]);
  }
  return order;
}

}  // namespace batchwise
