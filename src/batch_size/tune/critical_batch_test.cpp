// The critical batch size from made branches.
#include "batch_size/tune/critical_batch.h"

#include <gtest/gtest.h>

#include <cmath>

namespace batchwise {
namespace {

std::vector<Branch> made(double critical, std::vector<double> wobble) {
  std::vector<Branch> branches;
  for (size_t repeat = 0; repeat < wobble.size(); ++repeat)
    for (int64_t size : {16, 64, 256, 1024}) {
      Branch branch;
      branch.batch_size = size;
      branch.learning_rate = 0.1;
      branch.repeat = static_cast<int64_t>(repeat);
      branch.loss_before = 2;
      branch.loss = 2 - 0.8 / (1 + static_cast<double>(size) / (critical * wobble[repeat]));
      branches.push_back(branch);
    }
  return branches;
}

TEST(CriticalBatch, IsFoundFromBranchesThatFollowTheLaw) {
  for (double critical : {50.0, 200.0, 900.0}) {
    const auto branches = made(critical, {1});
    const auto found = critical_batch(branches);
    ASSERT_TRUE(found);
    EXPECT_NEAR(found->value, critical, 0.02 * critical);
    EXPECT_FALSE(found->low);
  }
}

TEST(CriticalBatch, HasAnIntervalFromRepeats) {
  const auto branches = made(200, {0.8, 0.9, 1, 1.1, 1.2});
  const auto found = critical_batch(branches);
  ASSERT_TRUE(found && found->low && found->high);
  EXPECT_LT(*found->low, 200);
  EXPECT_GT(*found->high, 200);
  EXPECT_LT(*found->high / *found->low, 3);
}

TEST(CriticalBatch, TakesTheBestRateOfEachSizeAndLeavesOutWhatWasLost) {
  auto branches = made(200, {1});
  for (Branch branch : made(200, {1})) {
    branch.learning_rate = 1;
    branch.loss = std::numeric_limits<double>::infinity();
    branches.push_back(branch);
  }
  const auto found = critical_batch(branches);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->value, 200, 4);
}

TEST(CriticalBatch, IsNotToldWhereAllSizesGainTheSame) {
  EXPECT_FALSE(critical_batch(made(1e9, {1})));
  auto worse = made(200, {1});
  for (Branch& branch : worse) branch.loss = 3;
  EXPECT_FALSE(critical_batch(worse));
}

}  // namespace
}  // namespace batchwise
