// Every number that is not finite is found, wherever it lies; every finite one is not.
#include "kernels/simd/finite.h"

#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(Finite, LargestAndSmallestNumbersAre) {
  using Limits = std::numeric_limits<float>;
  const std::vector<float> values{Limits::max(), Limits::lowest(), Limits::min(), Limits::denorm_min(), -0.0f, 0.0f};
  for (size_t count = 0; count <= 300; ++count) {
    std::vector<float> some(count);
    for (size_t i = 0; i < count; ++i) some[i] = values[i % values.size()];
    EXPECT_TRUE(all_finite(some.data(), static_cast<int64_t>(count))) << count;
  }
}

TEST(Finite, OneThatIsNotIsFoundAtEveryPlace) {
  using Limits = std::numeric_limits<float>;
  for (const float bad : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), -Limits::quiet_NaN()})
    for (size_t place = 0; place < 150; ++place) {
      std::vector<float> values(150, -1.0f);
      values[place] = bad;
      EXPECT_FALSE(all_finite(values.data(), 150)) << bad << " at " << place;
      EXPECT_EQ(first_not_finite(values.data(), 150), values.data() + place);
      EXPECT_TRUE(all_finite(values.data(), static_cast<int64_t>(place)));
    }
}

}  // namespace
}  // namespace batchwise
