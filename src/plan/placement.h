// Places buffers with known lifetimes into as few bytes as a greedy pass finds.
#pragma once

#include <cstdint>
#include <vector>

namespace batchwise {

constexpr int64_t kPlacementAlignment = 64;  // bytes: a cache line, and what kernels expect
inline int64_t aligned(int64_t bytes) {
  return (bytes + kPlacementAlignment - 1) / kPlacementAlignment * kPlacementAlignment;
}

struct Lifetime {
  int64_t bytes = 0;
  int first = 0, last = 0;  // steps, both included
};

struct Placement {
  std::vector<int64_t> offsets;  // per buffer
  int64_t bytes = 0;             // of the region
};

// Largest first, each at the lowest offset where it overlaps nothing that lives at the same time. Not always the
// optimum (that is NP-complete); never below the largest sum of bytes alive at once. A pure function.
Placement place(const std::vector<Lifetime>& buffers);

// Whether two buffers that live at the same time share bytes. O(n^2): for tests and assertions.
bool overlaps(const std::vector<Lifetime>& buffers, const Placement& placement);

}  // namespace batchwise
