// What plans count of the process: once for many runs, and rounded where another process is promised something.
#include "training/memory/process_bytes.h"

#include <gtest/gtest.h>

#include <cstring>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

Model wide() {
  Model model = Sequential({Input({1000}), Dense({.units = 1000})});
  model.initialize(1);
  model.compile({.optimizer = "adam", .loss = "mean_squared_error"});
  return model;
}

Plan plan_in(const Model& model, int64_t memory) { return model.plan({.batch_size = 8, .memory = memory, .lanes = 1}); }

// Touched, so that it is the process's.
std::vector<char> held(int64_t bytes) {
  std::vector<char> memory(static_cast<size_t>(bytes));
  std::memset(memory.data(), 1, memory.size());
  return memory;
}

TEST(OneMeasure, CountsTheProcessAsItWasWhateverItHoldsByThen) {
  const Model model = wide();
  const int64_t alone = process_bytes(model, true, 0).bytes;
  const OneMeasure measure(model, 0, 0);
  const int64_t before = process_bytes(model, true, 0).bytes;
  EXPECT_NEAR(static_cast<double>(before), static_cast<double>(alone), KiB(512));
  const std::vector<char> more = held(MiB(32));
  EXPECT_EQ(process_bytes(model, true, 0).bytes, before);
  EXPECT_EQ(process_bytes(model.copy(), true, 0).bytes, before);
}

TEST(OneMeasure, AddsWhatItIsToldAndEndsWithItsScope) {
  const Model model = wide();
  const std::vector<char> more = held(MiB(32));
  {
    OneMeasure measure(model, MiB(8), MiB(2));
    const int64_t whole = process_bytes(model, true, 0).bytes;
    EXPECT_EQ(process_bytes(model, true, MiB(8)).bytes, whole - MiB(8)) << "a session counts its data by itself";
    EXPECT_EQ(process_bytes(model, true, MiB(80)).bytes, whole - MiB(8));
    measure.hold(MiB(5));
    EXPECT_EQ(process_bytes(model, true, 0).bytes, whole + MiB(5));
    EXPECT_TRUE(OneMeasure::alive());
  }
  EXPECT_FALSE(OneMeasure::alive());
  EXPECT_GT(process_bytes(model, true, 0).bytes, MiB(32));
}

TEST(ProcessBytes, AreWithoutTheOptimizerStateThatATrainingTakesOver) {
  Model model = wide();
  const int64_t before = process_bytes(model, true, 0).bytes;
  const Dataset data(Array(DType::Float32, {8, 1000}), Array(DType::Float32, {8, 1000}));
  FitOptions options;
  options.batch_size = 8;
  options.verbose = 0;
  model.fit(data, options);
  const double slots = 2 * 1001000 * 4;
  ASSERT_GT(model.optimizer_state().slots.size(), 2u);
  EXPECT_LT(static_cast<double>(process_bytes(model, true, 0).bytes - before), 0.7 * slots);
  EXPECT_GT(static_cast<double>(process_bytes(model, false, 0).bytes - process_bytes(model, true, 0).bytes),
            0.9 * slots);
}

TEST(Plan, NamesBudgetsThatHoldInAnotherProcess) {
  const Model model = wide();
  const Plan roomy = plan_in(model, GiB(4));
  const Plan tight = plan_in(model, roomy.smallest_budget + KiB(512));
  EXPECT_LE(tight.peak_bytes + kProcessDrift, tight.budget_bytes);
  try {
    plan_in(model, roomy.smallest_budget - kProcessDrift);
    FAIL() << "no room for a process that is larger";
  } catch (const BudgetError& refused) {
    EXPECT_NEAR(static_cast<double>(refused.smallest_budget), static_cast<double>(roomy.smallest_budget), KiB(512));
  }
}

}  // namespace
}  // namespace batchwise
