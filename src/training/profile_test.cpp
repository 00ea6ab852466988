// Profiles of runs: their rows add up to the run's time, name layers and work, and change no result.
#include <batchwise/profile.h>

#include <sstream>

#include <gtest/gtest.h>

#include <batchwise/batchwise.h>

#include "training/work_clock.h"

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

TEST(Profile, TableShowsTheLongestRowsFirst) {
  Model model = network();
  std::ostringstream out;
  out << *train(model, true).profile;
  EXPECT_EQ(out.str().find("Where the time went: 13 steps"), 0u);
  EXPECT_NE(out.str().find("conv2d"), std::string::npos);
  EXPECT_NE(out.str().find("of floor"), std::string::npos);
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

}  // namespace
}  // namespace batchwise
