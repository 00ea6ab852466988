// Facts of the counter-based generator: published vectors, and shuffles that are bijections.
#include "base/random.h"

#include <set>

#include <gtest/gtest.h>

namespace batchwise {
namespace {

TEST(Random, PhiloxGivesThePublishedVectors) {
  const std::array<uint32_t, 4> zeros = philox(0, 0, 0);
  EXPECT_EQ(zeros, (std::array<uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  const std::array<uint32_t, 4> ones = philox(~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0});
  EXPECT_EQ(ones, (std::array<uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
}

TEST(Random, PermutationVisitsEveryElementOnce) {
  for (uint64_t count : {1u, 2u, 3u, 7u, 64u, 1000u, 4097u}) {
    Permutation permutation(count, 42);
    std::set<uint64_t> seen;
    for (uint64_t i = 0; i < count; ++i) seen.insert(permutation(i));
    EXPECT_EQ(seen.size(), count);
    EXPECT_LT(*seen.rbegin(), count);
  }
}

TEST(Random, PermutationsOfDifferentKeysDiffer) {
  Permutation a(1000, 1), b(1000, 2);
  int same = 0;
  for (uint64_t i = 0; i < 1000; ++i) same += a(i) == b(i);
  EXPECT_LT(same, 20);
}

}  // namespace
}  // namespace batchwise
