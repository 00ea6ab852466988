// The largest batch size against plans around it.
#include <batchwise/largest_batch.h>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

Model normalized() {
  Model model = Sequential({Input({32, 32, 3}), Conv2D({.filters = 16, .kernel_size = 3}), BatchNormalization(),
                            Activation("relu"), GlobalAveragePooling2D(), Dense({.units = 10})});
  model.initialize(1);
  model.compile({.optimizer = SGD({}), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  return model;
}

bool fits(const Model& model, PlanOptions options, int64_t batch_size) {
  options.batch_size = batch_size;
  try {
    model.plan(options);
    return true;
  } catch (const BudgetError&) { return false; }
}

TEST(LargestBatchSize, WithExactBatchNormalisationIsWhatTheBudgetHolds) {
  const Model model = normalized();
  PlanOptions options;
  options.memory = MiB(256);
  options.lanes = 2;
  const int64_t largest = largest_batch_size(model, options);
  EXPECT_GT(largest, 64);
  EXPECT_LT(largest, kMostBatchSize);
  EXPECT_TRUE(fits(model, options, largest));
  EXPECT_FALSE(fits(model, options, largest + largest / 64 + 16));
}

TEST(LargestBatchSize, IsNoneWhereNothingFitsAndTheMostThatIsLookedForWhereAllDo) {
  PlanOptions options;
  options.memory = 1000000;
  EXPECT_EQ(largest_batch_size(normalized(), options), 0);
  Model model = Sequential({Input({8}), Dense({.units = 4})});
  model.initialize(1);
  model.compile({.optimizer = SGD({}), .loss = "mse"});
  options.memory = GiB(4);
  EXPECT_EQ(largest_batch_size(model, options), kMostBatchSize);
}

TEST(RefusedPlan, ComesWithThatOfTheSmallestBudgetWhichFitsAndChangesNothing) {
  Model model = normalized();
  const std::vector<Array> before = model.get_weights();
  const Dataset data(Array(DType::Float32, {64, 32, 32, 3}), Array(DType::Int32, {64}));
  FitOptions options;
  options.batch_size = 64;
  options.memory = MiB(10);
  options.verbose = 0;
  try {
    model.fit(data, options);
    FAIL() << "10 MiB were enough";
  } catch (const PlanError& error) {
    EXPECT_EQ(error.plan.batch_size, 64);
    EXPECT_LE(error.plan.peak_bytes, error.smallest_budget);
    EXPECT_EQ(error.plan.smallest_budget, error.smallest_budget);
    EXPECT_GT(error.plan.roomy_budget, error.smallest_budget);
    EXPECT_FALSE(error.plan.moments.empty());
    options.memory = error.smallest_budget;
  }
  const std::vector<Array> after = model.get_weights();
  for (size_t w = 0; w < before.size(); ++w)
    for (int64_t i = 0; i < before[w].shape().count(); ++i)
      ASSERT_EQ(before[w].data<float>()[i], after[w].data<float>()[i]);
  model.fit(data, options);
}

}  // namespace
}  // namespace batchwise
