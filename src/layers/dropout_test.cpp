// Facts about Dropout: its randomness is addressed, and the backward pass drops what the forward pass dropped.
#include <gtest/gtest.h>

#include "base/random.h"
#include "kernels/simd/dropout.h"
#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> dropout(double rate) {
  auto layer = Registry<Layer>::instance().make({"Dropout", Config::object({{"rate", rate}})}, "test");
  layer->set_name("dropout");
  return layer;
}

TEST(Dropout, DrawsTheWordsOfPhilox) {
  for (const int64_t count : {1, 3, 4, 17, 64, 65, 1000}) {
    std::vector<float> x(count, 2.0f), y(count, -1.0f);
    const uint64_t key = 0x123456789ABCDEFull, sample = (uint64_t{1} << 40) + 5;
    drop_elements(x.data(), y.data(), count, key, sample, 1u << 23, 3);
    for (int64_t i = 0; i < count; ++i) {
      const bool kept = philox(key, sample, static_cast<uint64_t>(i / 4))[i % 4] >> 31;
      EXPECT_EQ(y[i], kept ? 6.0f : 0.0f) << i << " of " << count;
    }
  }
}

TEST(Dropout, DropsTheDeclaredShareAndScalesTheRest) {
  const auto layer = dropout(0.3);
  const TrialResult result = try_layer(*layer, {random_array({200, 100}, 1, 1, 1)}, {});
  double zeros = 0;
  for (float v : result.outputs[0].values<float>()) {
    zeros += v == 0;
    EXPECT_TRUE(v == 0 || std::fabs(v - 1 / 0.7f) < 1e-6f) << v;
  }
  EXPECT_NEAR(zeros / 20000, 0.3, 0.015);
}

TEST(Dropout, TheGradientGoesWhereTheValueWent) {
  const auto layer = dropout(0.5);
  const Array ones = random_array({9, 33}, 1, 1, 1);
  const TrialResult result = try_layer(*layer, {ones}, {}, {ones});
  for (int64_t i = 0; i < ones.count(); ++i)
    EXPECT_EQ(result.outputs[0].data<float>()[i], result.input_gradients[0].data<float>()[i]);
}

TEST(Dropout, WhatIsDroppedDependsOnTheSampleNotOnTheGrain) {
  const auto layer = dropout(0.5);
  const Array x = random_array({20, 10}, 1);
  const TrialResult whole = try_layer(*layer, {x}, {}, {}, {.grain = 20});
  const TrialResult split = try_layer(*layer, {x}, {}, {}, {.grain = 3});
  const TrialResult later = try_layer(*layer, {x.slice(8, 12)}, {}, {}, {.grain = 5, .first_sample = 8});
  for (int64_t i = 0; i < x.count(); ++i)
    EXPECT_EQ(whole.outputs[0].data<float>()[i], split.outputs[0].data<float>()[i]);
  for (int64_t i = 0; i < 120; ++i)
    EXPECT_EQ(whole.outputs[0].data<float>()[80 + i], later.outputs[0].data<float>()[i]);
}

TEST(Dropout, AnotherSeedOrNameDropsOthers) {
  const auto layer = dropout(0.5), other = dropout(0.5);
  other->set_name("dropout_1");
  const Array x = random_array({4, 100}, 1, 1, 1);
  const auto outputs = [&](Layer& l, uint64_t seed) {
    const Array y = try_layer(l, {x}, {}, {}, {.seed = seed}).outputs[0];
    return std::vector<float>(y.values<float>().begin(), y.values<float>().end());
  };
  EXPECT_NE(outputs(*layer, 1), outputs(*layer, 2));
  EXPECT_NE(outputs(*layer, 1), outputs(*other, 1));
}

TEST(Dropout, DoesNothingInInference) {
  const auto layer = dropout(0.5);
  const Array x = random_array({4, 10}, 1);
  EXPECT_EQ(try_layer(*layer, {x}, {}, {}, {.training = false}).kernels, 0);
}

TEST(Dropout, RefusesWhatItWouldNotDo) {
  EXPECT_THROW(dropout(1.5), Error);
  EXPECT_THROW(dropout(-0.1), Error);
  EXPECT_THROW(Registry<Layer>::instance().make(
                   {"Dropout", Config::object({{"rate", 0.5}, {"noise_shape", Config::List{1, 2}}})}, "test"),
               Error);
}

}  // namespace
}  // namespace batchwise
