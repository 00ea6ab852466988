// Facts of placement: buffers alive together never share bytes, and little is wasted.
#include "plan/placement.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "base/random.h"

namespace batchwise {
namespace {

std::vector<Lifetime> random_buffers(uint64_t seed, int count, int steps) {
  std::vector<Lifetime> buffers;
  for (int i = 0; i < count; ++i) {
    const auto bits = philox(seed, 0, static_cast<uint64_t>(i));
    const int first = static_cast<int>(bits[0] % static_cast<uint32_t>(steps));
    buffers.push_back(
        {static_cast<int64_t>(bits[1] % 100000), first, std::min(steps - 1, first + static_cast<int>(bits[2] % 12))});
  }
  return buffers;
}

int64_t most_alive(const std::vector<Lifetime>& buffers, int steps) {
  int64_t most = 0;
  for (int t = 0; t < steps; ++t) {
    int64_t alive = 0;
    for (const Lifetime& b : buffers)
      if (b.first <= t && t <= b.last) alive += aligned(b.bytes);
    most = std::max(most, alive);
  }
  return most;
}

TEST(Placement, BuffersThatLiveTogetherNeverOverlap) {
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const auto buffers = random_buffers(seed, 1 + static_cast<int>(seed % 80), 40);
    const Placement placement = place(buffers);
    EXPECT_FALSE(overlaps(buffers, placement)) << "seed " << seed;
    for (size_t i = 0; i < buffers.size(); ++i) {
      EXPECT_EQ(placement.offsets[i] % kPlacementAlignment, 0);
      EXPECT_LE(placement.offsets[i] + buffers[i].bytes, placement.bytes);
    }
  }
}

TEST(Placement, TakesAtMostAFewPercentMoreThanWhatIsAliveAtOnce) {
  double taken = 0, alive = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const auto buffers = random_buffers(seed, 60, 40);
    taken += static_cast<double>(place(buffers).bytes);
    alive += static_cast<double>(most_alive(buffers, 40));
  }
  EXPECT_LT(taken, alive * 1.12);
  EXPECT_GE(taken, alive);
}

TEST(Placement, AnOverlapIsFound) {
  const std::vector<Lifetime> buffers{{100, 0, 3}, {100, 3, 5}};
  EXPECT_TRUE(overlaps(buffers, {{0, 64}, 256}));
  EXPECT_FALSE(overlaps(buffers, {{0, 128}, 256}));
}

TEST(Placement, BuffersOneAfterTheOtherShareBytes) {
  EXPECT_EQ(place({{1000, 0, 1}, {1000, 2, 3}, {1000, 4, 5}}).bytes, aligned(1000));
}

}  // namespace
}  // namespace batchwise
