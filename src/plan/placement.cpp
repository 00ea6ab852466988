// Places buffers with known lifetimes.
#include "plan/placement.h"

#include <algorithm>
#include <numeric>

namespace batchwise {
namespace {
bool meet(const Lifetime& a, const Lifetime& b) { return a.first <= b.last && b.first <= a.last; }
}  // namespace

Placement place(const std::vector<Lifetime>& buffers) {
  std::vector<size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return buffers[a].bytes > buffers[b].bytes; });
  Placement placement;
  placement.offsets.assign(buffers.size(), 0);
  std::vector<size_t> placed;  // by offset
  for (size_t i : order) {
    const int64_t bytes = aligned(buffers[i].bytes);
    if (bytes == 0) continue;
    int64_t offset = 0;
    for (size_t other : placed) {
      if (!meet(buffers[i], buffers[other])) continue;
      if (placement.offsets[other] >= offset + bytes) break;
      offset = std::max(offset, placement.offsets[other] + aligned(buffers[other].bytes));
    }
    placement.offsets[i] = offset;
    placement.bytes = std::max(placement.bytes, offset + bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), offset,
                                   [&](int64_t at, size_t b) { return at < placement.offsets[b]; }),
                  i);
  }
  return placement;
}

bool overlaps(const std::vector<Lifetime>& buffers, const Placement& placement) {
  for (size_t a = 0; a < buffers.size(); ++a)
    for (size_t b = a + 1; b < buffers.size(); ++b) {
      if (buffers[a].bytes == 0 || buffers[b].bytes == 0 || !meet(buffers[a], buffers[b])) continue;
      if (placement.offsets[a] < placement.offsets[b] + buffers[b].bytes &&
          placement.offsets[b] < placement.offsets[a] + buffers[a].bytes)
        return true;
    }
  return false;
}

}  // namespace batchwise
