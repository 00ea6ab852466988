// Predicted step times against those of real runs.
#include <batchwise/step_time.h>

#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

// The least of some tries, which take turns: a neighbour only ever makes a step longer, and stays for both.
std::vector<StepTime> least_times(Model& model, const std::vector<PlanOptions>& asked) {
  std::vector<StepTime> least(asked.size());
  for (int attempt = 0; attempt < 7; ++attempt)
    for (size_t i = 0; i < asked.size(); ++i) {
      const StepTime time = predict_step_times(model, {asked[i].batch_size}, asked[i]).front();
      if (attempt == 0 || time.seconds < least[i].seconds) least[i] = time;
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
  PlanOptions more = options;
  options.batch_size = 64;
  more.batch_size = 2048;
  const std::vector<StepTime> times = least_times(model, {options, more});
  const StepTime few = times[0], many = times[1];
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
  PlanOptions little = options;
  little.memory = roomy.smallest_budget + MiB(2);
  ASSERT_GT(model.plan(little).recompute_share, 1);
  const std::vector<StepTime> times = least_times(model, {options, little});
  EXPECT_FALSE(times[1].measured);
  EXPECT_GT(times[1].seconds, 1.4 * times[0].seconds);
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
  options.batch_size = 16;
  const StepTime time = least_times(model, {options}).front();
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
