// What all lanes have in common.
#include "training/lanes/lanes.h"

#include <gtest/gtest.h>

#include <limits>

namespace batchwise {
namespace {

bool flushes() {
  volatile float small = std::numeric_limits<float>::min();
  return small * 0.25f == 0;
}

TEST(Lanes, CountNumbersTooSmallForAFullMantissaAsZeroAndLeaveTheCallerAsItWas) {
  Lanes lanes(3);
  for (int round = 0; round < 2; ++round) {
    std::vector<char> flushed(3, 0);
    lanes.run([&](int lane) { flushed[static_cast<size_t>(lane)] = flushes(); });
#if defined(__SSE__)
    EXPECT_EQ(flushed, std::vector<char>(3, 1));
#endif
    EXPECT_FALSE(flushes());
  }
}

TEST(Lanes, HandOnTheFirstErrorAndWorkOn) {
  Lanes lanes(3);
  EXPECT_THROW(lanes.run([](int lane) {
    if (lane > 0) throw lane;
  }),
               int);
  std::atomic<int> worked{0};
  lanes.run([&](int) { ++worked; });
  EXPECT_EQ(worked, 3);
}

}  // namespace
}  // namespace batchwise
