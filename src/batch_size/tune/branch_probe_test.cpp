// Branches of one state: what they are compared on, at equal samples and at equal time.
#include <batchwise/branch_probe.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include <batchwise/batchwise.h>

#include "batch_size/tune/branch.h"
#include "batch_size/tune/sine_task_test.h"

namespace batchwise {
namespace {

TEST(HeldOut, IsEveryTenthRowAndTheRestIsTrainedOnOnceAndCountedOnce) {
  const Array x = Array::from(std::vector<float>([] {
                                std::vector<float> rows(103);
                                std::iota(rows.begin(), rows.end(), 0.f);
                                return rows;
                              }()),
                              {103, 1});
  const Dataset all(x, x);
  const HeldOut parts = hold_out(all, {}, "test");
  ASSERT_EQ(parts.holdout.size(), 11);
  ASSERT_EQ(parts.train.size(), 92);
  std::vector<int64_t> rows(92);
  std::iota(rows.begin(), rows.end(), 0);
  std::vector<float> read(92);
  parts.train.source().fetch(0, rows, read.data());
  std::vector<float> told;
  for (int r = 0; r < 103; ++r)
    if (r % 10 != 0) told.push_back(static_cast<float>(r));
  EXPECT_EQ(read, told);
  EXPECT_EQ(parts.train.source().resident_bytes(), all.source().resident_bytes());
}

TEST(BranchProbe, ComparesBatchSizesAtEqualSamples) {
  const SineTask task;
  BranchProbeOptions options;
  options.batch_sizes = {16, 64, 256};
  options.samples = 2560;
  options.repeats = 3;
  const BranchProbeResult result = branch_probe(task.model(), Dataset(task.x, task.y), options);
  BranchProbeOptions twice = options;
  twice.batch_sizes = {32, 32};
  EXPECT_THROW(branch_probe(task.model(), Dataset(task.x, task.y), twice), Error);
  ASSERT_EQ(result.branches.size(), 9u);
  for (const Branch& branch : result.branches) {
    EXPECT_NEAR(static_cast<double>(branch.samples), 2560, 160);
    EXPECT_LT(branch.loss, branch.loss_before);
  }
}

TEST(BranchProbe, GoesOnToTheTimeOfTheSlowestToCompareAtEqualTimeToo) {
  const SineTask task;
  BranchProbeOptions options;
  options.batch_sizes = {1, 64};
  options.samples = 1280;
  options.equal_time = true;
  const BranchProbeResult result = branch_probe(task.model(), Dataset(task.x, task.y), options);
  ASSERT_EQ(result.branches.size(), 2u);
  const Branch& slow = result.branches[0];
  const Branch& fast = result.branches[1];
  ASSERT_GT(slow.seconds, fast.seconds);  // 64 times the updates
  EXPECT_EQ(result.equal_seconds, slow.seconds);
  EXPECT_EQ(slow.samples_in_time, slow.samples);
  EXPECT_EQ(slow.loss_in_time, slow.loss);
  const double worth = slow.seconds * static_cast<double>(fast.samples) / fast.seconds;
  EXPECT_NEAR(static_cast<double>(fast.samples_in_time), worth, 64);
  EXPECT_NE(fast.loss_in_time, fast.loss);
}

TEST(BranchProbe, TellsALossThatIsInfiniteOfALearningRateTooHighAndRefusesDataThatIsNotFinite) {
  SineTask task;
  BranchProbeOptions options;
  options.batch_sizes = {16};
  options.learning_rates = {1, 1e30};
  options.samples = 1280;
  const BranchProbeResult result = branch_probe(task.model(), Dataset(task.x, task.y), options);
  ASSERT_EQ(result.branches.size(), 2u);
  EXPECT_TRUE(std::isfinite(result.branches[0].loss));
  EXPECT_EQ(result.branches[1].loss, std::numeric_limits<double>::infinity());
  task.x.data<float>()[40 * 8] = std::nanf("");  // held out
  try {
    branch_probe(task.model(), Dataset(task.x, task.y), options);
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("sample 40"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace batchwise
