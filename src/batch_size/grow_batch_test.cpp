// Batch sizes that grow: when, by how much, and to the same bits after a kill.
#include <batchwise/grow_batch.h>

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <random>

#include <batchwise/batchwise.h>

#include "training/callbacks/fake_run_test.h"

namespace batchwise {
namespace {

RunFacts facts(int64_t batch_size, const std::string& optimizer = "Adam") {
  RunFacts facts;
  facts.batch_size = batch_size;
  facts.optimizer = optimizer;
  return facts;
}

TEST(GrowBatch, ByStepsDoublesEveryEpochUpToTheLargest) {
  GrowBatch grow({.when = "steps", .largest = 200});
  FakeRun run;
  run.at.batch_size = 32;
  grow.on_train_begin(facts(32), run);
  std::vector<int64_t> sizes;
  Logs logs;
  for (int64_t epoch = 0; epoch < 5; ++epoch) {
    grow.on_epoch_end(epoch, logs, run);
    sizes.push_back(run.at.batch_size);
  }
  EXPECT_EQ(sizes, (std::vector<int64_t>{64, 128, 200, 200, 200}));
  EXPECT_EQ(run.rate, 0.1);  // growth stands in for a falling rate
}

TEST(GrowBatch, ByStepsOfSamples) {
  GrowBatch grow({.when = "steps", .largest = 1024, .factor = 4, .every_samples = 1000});
  FakeRun run;
  run.at.batch_size = 100;
  grow.on_train_begin(facts(100), run);
  std::vector<int64_t> sizes;
  for (int64_t step = 0; step < 12; ++step) {
    run.at.samples += run.at.batch_size;
    grow.on_train_batch_end(step, {}, run);
    sizes.push_back(run.at.batch_size);
  }
  EXPECT_EQ(sizes, (std::vector<int64_t>{100, 100, 100, 100, 100, 100, 100, 100, 100, 400, 400, 400}));
}

TEST(GrowBatch, StepsThatWouldNeverGrowAreRefused) {
  FakeRun run;
  run.at.batch_size = 32;
  const auto begun = [&](double factor) {
    GrowBatch({.when = "steps", .largest = 512, .factor = factor}).on_train_begin(facts(32), run);
  };
  EXPECT_THROW(begun(1.0001), Error);
  EXPECT_NO_THROW(begun(1.016));
  EXPECT_THROW(GrowBatch({.when = "noise", .largest = 512, .every_samples = 1000}), Error);
  EXPECT_THROW(GrowBatch({.when = "plateau", .largest = 512, .every_samples = 1000}), Error);
}

TEST(GrowBatch, OnAPlateauWaitsItsPatience) {
  GrowBatch grow({.when = "plateau", .largest = 64, .monitor = "loss", .patience = 2});
  FakeRun run;
  run.at.batch_size = 16;
  grow.on_train_begin(facts(16), run);
  std::vector<int64_t> sizes;
  for (double loss : {1.0, 0.5, 0.5, 0.5, 0.4, 0.4, 0.4}) {
    Logs logs = {{"loss", loss}};
    grow.on_epoch_end(0, logs, run);
    sizes.push_back(run.at.batch_size);
  }
  EXPECT_EQ(sizes, (std::vector<int64_t>{16, 16, 16, 32, 32, 32, 64}));
}

TEST(GrowBatch, FollowsTheNoiseScaleAndTakesTheRateWithIt) {
  GrowBatch grow({.when = "noise", .largest = 4096});
  FakeRun run;
  run.at.batch_size = 64;
  grow.on_train_begin(facts(64), run);
  const auto look = [&](std::optional<NoiseScale> noise) {
    run.at.updates += 50;
    run.noise = noise;
    grow.on_train_batch_end(0, {}, run);
    return run.at.batch_size;
  };
  EXPECT_EQ(look(std::nullopt), 64);
  EXPECT_EQ(look(NoiseScale{100, 90, 110}), 64);  // not enough for a doubling
  EXPECT_EQ(look(NoiseScale{200, 50, 700}), 64);  // not sure that it is above the present size
  EXPECT_EQ(look(NoiseScale{200, 150, 260}), 128);
  EXPECT_NEAR(run.rate, 0.1 * std::sqrt(2.0), 1e-9);
  EXPECT_EQ(look(NoiseScale{5000, 4000, 6000}), 256);
}

TEST(GrowBatch, RefusesWhatDoesNotGoTogether) {
  FakeRun run;
  EXPECT_THROW(GrowBatch({.when = "moon", .largest = 8}), Error);
  EXPECT_THROW(GrowBatch({.when = "steps"}), Error);
  EXPECT_THROW(GrowBatch({.when = "steps", .largest = 8, .factor = 1}), Error);
  GrowBatch too_small({.when = "steps", .largest = 8});
  EXPECT_THROW(too_small.on_train_begin(facts(32), run), Error);
  GrowBatch wrong_rule({.when = "steps", .largest = 64, .rule = "linear"});
  EXPECT_THROW(wrong_rule.on_train_begin(facts(32, "Adam"), run), Error);
  GrowBatch scheduled({.when = "noise", .largest = 64});
  RunFacts with_schedule = facts(32);
  with_schedule.has_schedule = true;
  EXPECT_THROW(scheduled.on_train_begin(with_schedule, run), Error);
}

// A regression that is noisy enough for the scale to ask for more.
struct Task {
  Array x, y;
  Task() {
    std::mt19937_64 random(3);
    std::normal_distribution<float> normal;
    std::vector<float> xs, ys;
    for (int r = 0; r < 4000; ++r) {
      float sum = 0;
      for (int i = 0; i < 8; ++i) sum += xs.emplace_back(normal(random));
      ys.push_back(sum + 3 * normal(random));
    }
    x = Array::from(xs, {4000, 8});
    y = Array::from(ys, {4000, 1});
  }
  Model model() const {
    Model made = Sequential({Input({8}), Dense({.units = 16, .activation = "relu"}), Dense({.units = 1})});
    made.initialize(5);
    made.compile({.optimizer = Adam({.learning_rate = 1e-3f}), .loss = "mse"});
    return made;
  }
};

TEST(GrowBatch, ByNoiseScaleEndsWithTheSameBitsWhenStoppedAndResumedAnywhere) {
  const Task task;
  FitOptions options;
  options.batch_size = 16;
  options.grain = 4;
  options.epochs = 3;
  options.verbose = 0;
  const auto growth = [] { return std::make_shared<GrowBatch>(GrowBatchOptions{.when = "noise", .largest = 128}); };
  Model whole = task.model();
  options.callbacks = {growth()};
  const History history = whole.fit(task.x, task.y, options);
  ASSERT_GT(history.progress.back().batch_size, 16);
  const std::string folder = std::filesystem::temp_directory_path() / "bw_grow_batch";
  for (int64_t stop : {40, 160, 300}) {
    std::filesystem::remove_all(folder);
    std::atomic<bool> interrupt = false;
    auto stopper = std::make_shared<LambdaCallback>();
    stopper->train_batch_end = [&](int64_t, const Logs&, RunControl& run) {
      if (run.progress().updates == stop) interrupt = true;
    };
    FitOptions first = options;
    first.callbacks = {growth(), stopper};
    first.checkpoint = {.directory = folder, .every_steps = 1000};
    first.interrupt = &interrupt;
    Model stopped = task.model();
    ASSERT_THROW(stopped.fit(task.x, task.y, first), Error) << stop;
    FitOptions again = first;
    again.interrupt = nullptr;
    again.callbacks = {growth(), std::make_shared<LambdaCallback>()};
    again.checkpoint.resume = true;
    Model resumed = task.model();
    resumed.fit(task.x, task.y, again);
    const auto a = whole.get_weights(), b = resumed.get_weights();
    for (size_t w = 0; w < a.size(); ++w)
      for (int64_t i = 0; i < a[w].shape().count(); ++i)
        ASSERT_EQ(a[w].data<float>()[i], b[w].data<float>()[i]) << stop;
  }
  std::filesystem::remove_all(folder);
}

// The process grows while it trains, by whatever callbacks hold: the plan that was made before the first step stands.
TEST(GrowBatch, FitsInTheMiddleOfTheRunWhatWasPlannedBeforeIt) {
  Model model = Sequential({Input({16, 16, 3}), Conv2D({.filters = 16, .kernel_size = 3}), BatchNormalization(),
                            Activation("relu"), Flatten(), Dense({.units = 4})});
  model.compile({.optimizer = Adam({}), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  model.initialize(1);
  const Dataset data(Array(DType::Float32, {512, 16, 16, 3}), Array(DType::Int32, {512}));
  FitOptions options;
  options.batch_size = 16;
  options.epochs = 4;
  options.verbose = 0;
  options.lanes = 1;
  try {
    model.plan({.batch_size = 128, .memory = 1000, .lanes = 1, .data = &data});
    FAIL() << "1000 bytes were enough";
  } catch (const BudgetError& error) { options.memory = error.smallest_budget + MiB(1); }
  std::vector<std::vector<char>> held;
  auto holder = std::make_shared<LambdaCallback>();
  holder->epoch_begin = [&](int64_t, RunControl&) { held.emplace_back(MiB(4), 'x'); };
  options.callbacks = {holder, std::make_shared<GrowBatch>(GrowBatchOptions{.when = "steps", .largest = 128})};
  EXPECT_EQ(model.fit(data, options).progress.back().batch_size, 128);
}

TEST(GrowBatch, AfterTheLastEpochNothingGrows) {
  GrowBatch grow({.when = "steps", .largest = 200});
  FakeRun run;
  run.at.batch_size = 32;
  RunFacts two = facts(32);
  two.epochs = 2;
  grow.on_train_begin(two, run);
  Logs logs;
  grow.on_epoch_end(0, logs, run);
  grow.on_epoch_end(1, logs, run);
  EXPECT_EQ(run.at.batch_size, 64);
}

// Rows that are in no memory yet.
class FarRows final : public Source {
 public:
  explicit FarRows(int64_t rows) : rows_(rows) {}
  int64_t size() const override { return rows_; }
  const std::vector<Column>& columns() const override { return columns_; }
  void fetch(int column, std::span<const int64_t> rows, void* out) const override {
    auto* to = static_cast<float*>(out);
    const int64_t each = columns_[static_cast<size_t>(column)].shape.count();
    for (int64_t row : rows)
      for (int64_t i = 0; i < each; ++i) *to++ = std::sin(static_cast<float>(row * 7 + i));
  }

 private:
  int64_t rows_;
  std::vector<Column> columns_{{"x", Shape{64}, DType::Float32}, {"y", Shape{1}, DType::Float32}};
};

TEST(GrowBatch, ABatchThatWasPlannedForFitsWhenDataIsHeldInMemoryToo) {
  constexpr int64_t kRows = 24576;
  Model model = Sequential({Input({64}), Dense({.units = 256}), BatchNormalization({}), Dense({.units = 1})});
  model.initialize(1);
  model.compile({.optimizer = SGD({.learning_rate = 1e-3f}), .loss = "mse"});
  const Dataset data(std::make_shared<FarRows>(kRows), 1, 1);
  PlanOptions largest{.batch_size = 4096, .memory = GiB(1), .lanes = 1};
  largest.data = &data;
  FitOptions options;
  options.batch_size = 16;
  options.epochs = 2;
  options.verbose = 0;
  options.lanes = 1;
  options.noise_scale = false;
  options.memory = model.plan(largest).smallest_budget + MiB(1);
  options.callbacks = {std::make_shared<GrowBatch>(
      GrowBatchOptions{.when = "steps", .largest = 4096, .factor = 256, .monitor = "loss"})};
  const History history = model.fit(data, options);
  ASSERT_EQ(history.progress.size(), 2u);
  EXPECT_EQ(history.progress.back().batch_size, 4096);
}

}  // namespace
}  // namespace batchwise
