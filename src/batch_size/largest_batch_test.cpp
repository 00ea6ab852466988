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
  EXPECT_LT(largest, kAnyBatchSize);
  EXPECT_TRUE(fits(model, options, largest));
  EXPECT_FALSE(fits(model, options, largest + largest / 16));
}

TEST(LargestBatchSize, IsNoneWhereNothingFitsAndAnyWhereMemoryDoesNotDependOnIt) {
  PlanOptions options;
  options.memory = 1000000;
  EXPECT_EQ(largest_batch_size(normalized(), options), 0);
  Model model = Sequential({Input({8}), Dense({.units = 4})});
  model.initialize(1);
  model.compile({.optimizer = SGD({}), .loss = "mse"});
  options.memory = GiB(4);
  EXPECT_EQ(largest_batch_size(model, options), kAnyBatchSize);
}

}  // namespace
}  // namespace batchwise
