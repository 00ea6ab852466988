// Profiles of runs: their rows add up to the run's time, name layers and work, and change no result.
#include <batchwise/profile.h>

#include <atomic>
#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "training/fit/cut_profile.h"
#include "training/profile/work_clock.h"

namespace batchwise {
namespace {

constexpr int64_t kSamples = 2048;

Model network() {
  Model model = Sequential({Input({16, 16, 3}), Conv2D({.filters = 16, .kernel_size = 3, .activation = "relu"}),
                            BatchNormalization(), Flatten(), Dense({.units = 10})});
  model.compile({.optimizer = Adam({}), .loss = SparseCategoricalCrossentropy({.from_logits = true})});
  model.initialize(3);
  return model;
}

Dataset pictures() {
  Array x(DType::Float32, {kSamples, 16, 16, 3}), y(DType::Int64, {kSamples});
  for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = static_cast<float>(i % 251) / 251;
  for (int64_t i = 0; i < kSamples; ++i) y.data<int64_t>()[i] = i % 10;
  return Dataset(x, y);
}

Array black() { return Array(DType::Float32, {16, 16, 3}); }

Generator<std::pair<Array, float>> one_by_one() {
  for (int64_t i = 0; i < kSamples; ++i) co_yield {black(), static_cast<float>(i % 10)};
}

History train(Model& model, bool profile, int lanes = 2) {
  FitOptions options;
  options.batch_size = 256;
  options.epochs = 2;
  options.lanes = lanes;
  options.verbose = 0;
  options.validation_split = 0.125;
  options.profile = profile;
  return model.fit(pictures(), options);
}

const ProfileRow* row_of(const Profile& profile, const std::string& layer, const std::string& work) {
  for (const ProfileRow& row : profile.rows)
    if (row.layer == layer && row.work == work) return &row;
  return nullptr;
}

TEST(Profile, RowsNameLayersAndWorkAndAddUpToTheTime) {
  for (int lanes : {1, 2}) {
    Model model = network();
    const History history = train(model, true, lanes);
    ASSERT_TRUE(history.profile);
    const Profile& profile = *history.profile;
    EXPECT_EQ(profile.steps, 13);  // of 14, without the first
    EXPECT_EQ(profile.samples, 13 * 256);
    EXPECT_EQ(profile.lanes, lanes);
    double seconds = 0;
    for (const ProfileRow& row : profile.rows) seconds += row.seconds;
    EXPECT_NEAR(seconds, profile.seconds, 0.02 * profile.seconds);
    const ProfileRow* convolution = row_of(profile, "conv2d", "forward");
    ASSERT_TRUE(convolution);
    EXPECT_EQ(convolution->calls, 13 * history.plan.grains);
    EXPECT_NEAR(convolution->flops, 13.0 * 256 * 2 * 14 * 14 * 16 * 27, 1e-3 * convolution->flops);
    const double flops = convolution->flops / profile.rates.flops, bytes = convolution->bytes / profile.rates.bytes;
    EXPECT_NEAR(convolution->floor_seconds, std::max(flops, bytes) / lanes, 1e-6 * convolution->floor_seconds);
    for (const char* work : {"measure", "measure back", "forward", "backward"})
      EXPECT_TRUE(row_of(profile, "batch_normalization", work)) << work;
    for (const char* work : {"update", "validation", "combine statistics", "wait for lanes", "wait for data"})
      EXPECT_TRUE(row_of(profile, "", work)) << work;
    EXPECT_EQ(row_of(profile, "", "validation")->calls, 2);
  }
}

TEST(Profile, ChangesNoResultAndIsNotThereUnasked) {
  Model plain = network(), profiled = network();
  EXPECT_FALSE(train(plain, false).profile);
  train(profiled, true);
  const std::vector<Array> a = plain.get_weights(), b = profiled.get_weights();
  for (size_t w = 0; w < a.size(); ++w)
    for (int64_t i = 0; i < a[w].count(); ++i) ASSERT_EQ(a[w].data<float>()[i], b[w].data<float>()[i]);
}

// Batches of 128 in 16 grains of 8 on one lane, made into 8 blocks of 2 grains.
struct SmallStep {
  static constexpr double kGrains = 16, kBlocks = 8, kSteps = 3;

  Model model;
  Profile profile;

  explicit SmallStep(const Spec& optimizer, bool normalized = false)
      : model(normalized ? Sequential({Input({8}), BatchNormalization(), Dense({.units = 16})})
                         : Sequential({Input({2, 4}), Rescaling({.scale = 0.5f}), Flatten(),
                                       Dense({.units = 16, .activation = "relu"}), Dense({.units = 16})})) {
    model.compile({.optimizer = optimizer, .loss = MeanSquaredError({})});
    FitOptions options;
    options.batch_size = 128;
    options.grain = 8;
    options.lanes = 1;
    options.verbose = 0;
    options.noise_scale = false;
    options.profile = true;
    const int64_t samples = 128 * 4;
    Array x(DType::Float32, normalized ? Shape{samples, 8} : Shape{samples, 2, 4}), y(DType::Float32, {samples, 16});
    for (int64_t i = 0; i < x.count(); ++i) x.data<float>()[i] = static_cast<float>(i % 31) / 31;
    for (int64_t i = 0; i < y.count(); ++i) y.data<float>()[i] = static_cast<float>(i % 7) / 7;
    const History history = model.fit(x, y, options);
    EXPECT_EQ(history.plan.grains, kGrains);
    EXPECT_EQ(history.plan.gradient_sums, kBlocks);
    profile = *history.profile;
    EXPECT_EQ(profile.steps, kSteps);
  }
  double bytes(const std::string& layer, const std::string& work) const {  // of a step
    const ProfileRow* row = row_of(profile, layer, work);
    return row ? row->bytes / kSteps : -1;
  }
};

TEST(Profile, BytesAreThoseThatAStepReadsAndWrites) {
  const SmallStep step(SGD({}));
  constexpr double kGrains = SmallStep::kGrains, kBlocks = SmallStep::kBlocks;
  EXPECT_EQ(step.bytes("input_layer", "fetch"), 128 * 8 * 4);
  // Inputs, weights, biases, outputs.
  EXPECT_EQ(step.bytes("dense", "forward"), kGrains * 4 * (8 * 8 + 8 * 16 + 16 + 8 * 16));
  EXPECT_EQ(step.bytes("dense_1", "forward"), kGrains * 4 * (8 * 16 + 16 * 16 + 16 + 8 * 16));
  EXPECT_EQ(step.bytes("flatten", "forward"), 0) << "the same memory under another shape";
  // Predictions, targets fetched and read, the gradient.
  EXPECT_EQ(step.bytes("loss dense_1", "loss"), 128 * 16 * 4 * (1 + 2 + 1));
  // The second grain of a block adds its gradients of weights as it makes them, and those of 16 biases after that.
  for (const char* layer : {"dense", "dense_1"}) EXPECT_EQ(step.bytes(layer, "sum"), kBlocks * 3 * 16 * 4) << layer;
  // Of 416 weights: 7 additions of blocks, the gradient read, the weight read and written. The way back through the
  // second layer reads its weights in another layout, a copy.
  constexpr double kWeights = 8 * 16 + 16 + 16 * 16 + 16, kCopy = 2 * 16 * 16 * 4;
  EXPECT_EQ(step.bytes("", "update"), kWeights * 4 * (7 * 3 + 1 + 2) + kCopy);
  // Two slots, read and written.
  EXPECT_EQ(SmallStep(Adam({})).bytes("", "update"), kWeights * 4 * (7 * 3 + 1 + 2 + 4) + kCopy);
  for (const ProfileRow& row : step.profile.rows)
    if (row.bytes > 0) {
      EXPECT_GE(row.floor_seconds, 0.999 * row.bytes / step.profile.rates.bytes) << row.layer << " " << row.work;
    }
}

TEST(Profile, BytesOfBatchStatisticsAreThoseOfTheirMeasuring) {
  const SmallStep step(SGD({}), true);
  constexpr double kGrains = SmallStep::kGrains, kStatistics = 2 * 8 * 8;  // of a grain: doubles for 8 features
  EXPECT_EQ(step.bytes("batch_normalization", "measure"), 128 * 8 * 4 + kGrains * kStatistics);
  EXPECT_EQ(step.bytes("batch_normalization", "forward"), 2 * 128 * 8 * 4);
  // Nobody before it learns: the gradient of its input is not wanted, nor what it takes.
  EXPECT_EQ(step.bytes("batch_normalization", "measure back"), -1);
  EXPECT_EQ(step.bytes("", "combine statistics"), kGrains * kStatistics);
}

TEST(Profile, LanesThatShareAGrainDoItsWorkOnce) {
  Model model = Sequential({Input({784}), Dense({.units = 512, .activation = "relu"}), Dense({.units = 10})});
  model.compile({.optimizer = SGD({}), .loss = MeanSquaredError({})});
  FitOptions options;
  options.batch_size = options.grain = 32;
  options.lanes = 2;
  options.verbose = 0;
  options.profile = true;
  const History history = model.fit(Array(DType::Float32, {320, 784}), Array(DType::Float32, {320, 10}), options);
  ASSERT_EQ(history.plan.grains, 1);
  const Profile& profile = *history.profile;
  const ProfileRow* forward = row_of(profile, "dense", "forward");
  ASSERT_TRUE(forward);
  EXPECT_NEAR(forward->flops, 9.0 * 2 * 32 * 784 * 512, 1);
  EXPECT_GT(profile.rates.flops, 0) << "a lane of little memory has a floor too";
  EXPECT_NEAR(forward->floor_seconds,
              std::max(forward->flops / profile.rates.flops, forward->bytes / profile.rates.bytes) / 2,
              1e-6 * forward->floor_seconds);
}

TEST(Profile, TheTraceHasTheWorkAndTheWaitsOfEveryLane) {
  Model model = network();
  const Profile profile = *train(model, true).profile;
  for (int lane : {0, 1}) {
    bool works = false, waits = false;
    for (const ProfileCall& call : profile.calls) {
      if (call.lane != lane) continue;
      const std::string& work = profile.rows[static_cast<size_t>(call.row)].work;
      works = works || work == "backward";
      waits = waits || work == "wait for lanes";
      EXPECT_GE(call.begin, 0);
      EXPECT_LE(call.begin + call.seconds, profile.seconds);
    }
    EXPECT_TRUE(works && waits) << lane;
  }
}

TEST(Profile, TheTraceHasTheWaitsForDataInEveryLane) {
  Model model = network();
  FitOptions options;
  options.batch_size = 256;
  options.lanes = 2;
  options.verbose = 0;
  options.profile = true;
  const Dataset stream = from_range([] { return one_by_one(); });
  const Profile profile = *model.fit(stream, options).profile;
  std::vector<int> waits(2);
  for (const ProfileCall& call : profile.calls)
    if (profile.rows[static_cast<size_t>(call.row)].work == "wait for data") ++waits[static_cast<size_t>(call.lane)];
  EXPECT_GE(waits[0], profile.steps);
  EXPECT_EQ(waits[0], waits[1]);
  EXPECT_EQ(row_of(profile, "", "wait for data")->calls, waits[0]);
}

TEST(Profile, OfARunThatStopsOnItsWayIsHandedOver) {
  struct Stops final : Callback {
    explicit Stops(int64_t step) : step_(step) {}
    void on_train_batch_end(int64_t step, const Logs&, RunControl&) override {
      if (step == step_) throw std::runtime_error("stopped");
    }
    int64_t step_;
  };
  for (int64_t step : {0, 4}) {
    Model model = network();
    FitOptions options;
    options.batch_size = 256;
    options.lanes = 2;
    options.verbose = 0;
    options.profile = true;
    const auto cut = std::make_shared<CutProfile>();
    options.callbacks = {std::make_shared<Stops>(step), cut};
    EXPECT_THROW(model.fit(pictures(), options), std::runtime_error);
    ASSERT_EQ(cut->profile().has_value(), step > 0) << "the first step is not measured";
    if (step == 0) continue;
    EXPECT_EQ(cut->profile()->steps, 4);
    EXPECT_TRUE(row_of(*cut->profile(), "conv2d", "backward"));
    EXPECT_FALSE(cut->profile()->calls.empty());
  }
}

TEST(Profile, TableShowsTheLongestRowsFirstAndAWholeStep) {
  Profile profile{.seconds = 2, .steps = 10, .samples = 320, .lanes = 2, .rates = {1e11, 1e10}};
  profile.rows = {
      {.layer = "dense",
       .work = "forward",
       .calls = 40,
       .seconds = 1.0,
       .flops = 1e9,
       .bytes = 10 * 1.5 * 1024 * 1024,
       .floor_seconds = 0.75},
      {.layer = "", .work = "validation", .calls = 2, .seconds = 0.5},
      {.layer = "", .work = "update", .calls = 20, .seconds = 0.5, .bytes = 10 * 1024 * 1024, .floor_seconds = 0.15}};
  std::ostringstream out;
  out << profile;
  EXPECT_EQ(
      out.str(),
      "Where the time went: 10 steps, 2 s on 2 lanes, without the first step.\n"
      "  layer         work                     calls     ms/step    MiB/step    share  floor ÷ time\n"
      "  dense         forward                     40     100.000       1.500   50.0 %          75 %\n"
      "                validation                   2      50.000           –   25.0 %             –\n"
      "                update                      20      50.000       1.000   25.0 %          30 %\n"
      "  a whole step                               –     150.000       2.500   75.0 %          60 %\n"
      "floor ÷ time: how near work is to the least time it could take, at the 100 GFLOP/s and 10.0 GB/s of a lane "
      "that were measured when training began; 100 % is as fast as that.\n");
}

TEST(WorkClock, WhatIsCountedWithinIsNotCountedTwice) {
  WorkClock clock(1, 2);
  const int64_t begin = WorkClock::now();
  while (WorkClock::now() < begin + 2'000'000) {}
  const int64_t inner = WorkClock::now();
  while (WorkClock::now() < inner + 3'000'000) {}
  clock.add_within(0, 1, inner);
  clock.add(0, 0, begin);
  EXPECT_GE(clock.total(1).nanoseconds, 3'000'000);
  EXPECT_GE(clock.total(0).nanoseconds, 2'000'000);
  const std::vector<WorkClock::Call> calls = clock.calls(0);
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[0].kind, 0);  // around the other
  EXPECT_EQ(clock.total(0).nanoseconds + clock.total(1).nanoseconds, calls[0].end - calls[0].begin);
}

TEST(WorkClock, WhatLiesBetweenCallsInAStepIsWaiting) {
  WorkClock clock(2, 3);
  const auto spend = [](int64_t nanoseconds) {
    const int64_t begin = WorkClock::now();
    while (WorkClock::now() < begin + nanoseconds) {}
    return begin;
  };
  clock.begin_step();
  spend(1'000'000);
  clock.add(0, 1, spend(2'000'000), 0.5);
  spend(3'000'000);
  clock.end_step();
  spend(1'000'000);
  clock.add_to_all(2, spend(1'000'000));
  const std::vector<WorkClock::Call> busy = clock.calls(0), idle = clock.calls(1);
  ASSERT_EQ(busy.size(), 4u);
  ASSERT_EQ(idle.size(), 2u);
  const size_t kinds[] = {WorkClock::kWait, 1, WorkClock::kWait, 2};
  for (size_t i = 0; i < busy.size(); ++i) EXPECT_EQ(busy[i].kind, static_cast<int>(kinds[i]));
  EXPECT_EQ(busy[0].end, busy[1].begin);
  EXPECT_EQ(busy[1].end, busy[2].begin);
  EXPECT_EQ(idle[0].begin, busy[0].begin) << "it waited through the whole step";
  EXPECT_EQ(idle[0].end, busy[2].end);
  EXPECT_EQ(clock.total(WorkClock::kWait).calls, 3);
  EXPECT_EQ(clock.total(1).amount, 0.5);
  EXPECT_EQ(clock.total(2).calls, 1) << "all lanes waited for the same";
  EXPECT_EQ(clock.total(2).nanoseconds, 2 * (idle[1].end - idle[1].begin));
}

}  // namespace
}  // namespace batchwise
