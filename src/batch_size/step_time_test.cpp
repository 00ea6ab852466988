// Predicted step times against those of real runs.
#include <batchwise/step_time.h>

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

// The least of some tries: a neighbour only ever makes a step longer.
StepTime least_time(Model& model, int64_t batch_size, const PlanOptions& options) {
  StepTime least;
  for (int attempt = 0; attempt < 5; ++attempt) {
    const StepTime time = predict_step_times(model, {batch_size}, options).front();
    if (attempt == 0 || time.seconds < least.seconds) least = time;
  }
  return least;
}

TEST(StepTime, OfManyGrainsIsExtendedFromFewToWhatARunTakes) {
  Model model = Sequential({Input({16, 16, 4}), Conv2D({.filters = 16, .kernel_size = 3, .activation = "relu"}),
                            Flatten(), Dense({.units = 10})});
  model.initialize(1);
  model.compile({.optimizer = Adam({}), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  PlanOptions options;
  options.lanes = 1;
  ASSERT_EQ(predict_step_times(model, {64, 2048}, options).size(), 2u);
  const StepTime few = least_time(model, 64, options), many = least_time(model, 2048, options);
  EXPECT_GT(few.seconds, 0);
  EXPECT_FALSE(many.measured);
  // The work grows by 32; what neighbours take is far less.
  EXPECT_GT(many.seconds, 8 * few.seconds);
  EXPECT_LT(many.seconds, 128 * few.seconds);
}

// What a large batch must compute again in little memory, the few grains that are timed need not.
TEST(StepTime, CountsWhatLittleMemoryMakesComputeAgain) {
  const Symbol input = Input({16, 16, 3});
  Symbol x = input;
  for (int block = 0; block < 8; ++block)
    x = Activation("relu")(BatchNormalization()(Conv2D({.filters = 16, .kernel_size = 3, .padding = "same"})(x)));
  Model model(input, Dense({.units = 4})(GlobalAveragePooling2D()(x)));
  model.initialize(1);
  model.compile({.optimizer = SGD({}), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  PlanOptions options;
  options.lanes = 1;
  options.batch_size = 512;
  const Plan roomy = model.plan(options);
  const double seconds = least_time(model, 512, options).seconds;
  options.memory = roomy.smallest_budget + MiB(2);
  const Plan tight = model.plan(options);
  ASSERT_GT(tight.recompute_share, 1);
  const StepTime time = least_time(model, 512, options);
  EXPECT_FALSE(time.measured);
  EXPECT_GT(time.seconds, 1.4 * seconds);
}

// Samples that take 2 ms each to make, 16 of them for a step of much less.
struct SlowSamples {
  int64_t size() const { return 64; }
  std::pair<Array, float> get(int64_t i) const {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    return {Array::from<float>({static_cast<float>(i), 1}, {2}), 0.0f};
  }
};

TEST(StepTime, SaysWhatReadingTakesBesides) {
  Model model = Sequential({Input({2}), Dense({.units = 1})});
  model.initialize(1);
  model.compile({.optimizer = SGD({}), .loss = MeanSquaredError()});
  PlanOptions options;
  options.lanes = 1;
  const Dataset slow = from_samples(SlowSamples());
  options.data = &slow;
  const StepTime time = least_time(model, 16, options);
  EXPECT_GE(time.reading, 0.032);
  EXPECT_LT(time.seconds, 0.032);
  options.data = nullptr;
  EXPECT_EQ(predict_step_times(model, {16}, options).front().reading, 0);
}

TEST(StepTime, NeedsACompiledModel) {
  Model model = Sequential({Input({4}), Dense({.units = 1})});
  EXPECT_THROW(predict_step_times(model, {32}), Error);
}

}  // namespace
}  // namespace batchwise
