// Facts about BatchNormalization: whose statistics they are, and what moves.
#include <gtest/gtest.h>

#include <cmath>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> normalization(const Config& config = Config(Config::Object{})) {
  auto layer = Registry<Layer>::instance().make({"BatchNormalization", config}, "test");
  layer->set_name("bn");
  return layer;
}

Array reference(const Array& x, int64_t first, int64_t rows, double epsilon) {
  const int64_t channels = x.shape().back(), positions = x.count() / x.rows() / channels;
  Array y = x.clone();
  for (int64_t c = 0; c < channels; ++c) {
    double mean = 0, variance = 0;
    const auto at = [&](int64_t i) { return (first * positions + i) * channels + c; };
    for (int64_t i = 0; i < rows * positions; ++i) mean += x.data<float>()[at(i)];
    mean /= static_cast<double>(rows * positions);
    for (int64_t i = 0; i < rows * positions; ++i) variance += std::pow(x.data<float>()[at(i)] - mean, 2);
    variance /= static_cast<double>(rows * positions);
    for (int64_t i = 0; i < rows * positions; ++i)
      y.data<float>()[at(i)] = static_cast<float>((x.data<float>()[at(i)] - mean) / std::sqrt(variance + epsilon));
  }
  return y;
}

std::vector<Array> plain_weights(int64_t channels) {
  return {random_array({channels}, 1, 1, 1), random_array({channels}, 1, 0, 0), random_array({channels}, 1, 0, 0),
          random_array({channels}, 1, 1, 1)};
}

void expect_rows(const Array& expected, const Array& got, int64_t first, int64_t rows, double tolerance) {
  const int64_t each = expected.count() / expected.rows();
  for (int64_t i = first * each; i < (first + rows) * each; ++i)
    ASSERT_NEAR(expected.data<float>()[i], got.data<float>()[i], tolerance) << i;
}

TEST(BatchNormalization, ExactStatisticsAreThoseOfTheWholeBatchInAnyLayout) {
  for (const int64_t channels : {1, 3, 8, 17, 64, 100})
    for (const int block : {0, 8, 16})
      for (const int64_t grain : {1, 3, 11}) {
        const auto layer = normalization();
        const Array x = random_array({11, 5, 3, channels}, 2, -3, 5);
        const TrialResult result =
            try_layer(*layer, {x}, plain_weights(channels), {}, {.grain = grain, .channel_block = block});
        SCOPED_TRACE(std::to_string(channels) + " channels, block " + std::to_string(block) + ", grain " +
                     std::to_string(grain));
        expect_rows(reference(x, 0, 11, 1e-3), result.outputs[0], 0, 11, 2e-6);
        if (HasFatalFailure()) return;
      }
}

TEST(BatchNormalization, ALargeMeanCostsNoDigits) {
  const auto layer = normalization(Config::object({{"epsilon", 1e-9}}));
  const Array x = random_array({64, 4, 4, 5}, 3, 999, 1001);
  expect_rows(reference(x, 0, 64, 1e-9), try_layer(*layer, {x}, plain_weights(5), {}, {.grain = 5}).outputs[0], 0, 64,
              2e-4);
}

TEST(BatchNormalization, GhostStatisticsAreThoseOfTheDeclaredSamples) {
  const auto layer = normalization(Config::object({{"ghost_batch_size", 3}}));
  EXPECT_EQ(layer->samples_together(), 3);
  const Array x = random_array({11, 2, 2, 6}, 4, -2, 3);
  for (const int64_t grain : {3, 6, 12})
    for (const int block : {0, 8}) {
      const TrialResult result = try_layer(*layer, {x}, plain_weights(6), {}, {.grain = grain, .channel_block = block});
      for (int64_t first = 0; first < 11; first += 3) {
        const int64_t rows = std::min<int64_t>(3, 11 - first);
        expect_rows(reference(x, first, rows, 1e-3), result.outputs[0], first, rows, 2e-6);
      }
    }
}

TEST(BatchNormalization, AGhostAsLargeAsTheBatchIsExact) {
  const Array x = random_array({8, 10}, 5), dy = random_array({8, 10}, 6);
  const auto exact = normalization(), ghost = normalization(Config::object({{"ghost_batch_size", 8}}));
  const TrialResult a = try_layer(*exact, {x}, plain_weights(10), {dy}, {.grain = 2}),
                    b = try_layer(*ghost, {x}, plain_weights(10), {dy}, {.grain = 8});
  expect_rows(a.outputs[0], b.outputs[0], 0, 8, 1e-6);
  expect_rows(a.input_gradients[0], b.input_gradients[0], 0, 8, 1e-6);
  for (int w = 0; w < 2; ++w) expect_rows(a.weight_gradients[w], b.weight_gradients[w], 0, 10, 1e-5);
  for (int w = 2; w < 4; ++w) expect_rows(a.weights[w], b.weights[w], 0, 10, 1e-6);
}

TEST(BatchNormalization, MovingStatisticsFollowTheBiasedVariance) {
  const auto layer = normalization(Config::object({{"momentum", 0.5}}));
  const Array x = Array::from<float>({1, 3}, {2, 1});
  const TrialResult result = try_layer(*layer, {x}, plain_weights(1), {random_array({2, 1}, 1)}, {.grain = 1});
  EXPECT_FLOAT_EQ(result.weights[2].data<float>()[0], 1.0f);  // 0 * 0.5 + 2 * 0.5
  EXPECT_FLOAT_EQ(result.weights[3].data<float>()[0], 1.0f);  // 1 * 0.5 + 1 * 0.5, not 2 * 0.5
}

TEST(BatchNormalization, AFrozenLayerUsesAndKeepsTheMovingStatistics) {
  const auto layer = normalization();
  layer->set_trainable(false);
  const Array x = random_array({4, 3}, 7);
  std::vector<Array> weights = plain_weights(3);
  weights[2] = random_array({3}, 8);
  const TrialResult training = try_layer(*layer, {x}, weights, {x}, {.grain = 4}),
                    inference = try_layer(*layer, {x}, weights, {}, {.grain = 4, .training = false});
  expect_rows(inference.outputs[0], training.outputs[0], 0, 4, 0);
  expect_rows(weights[2], training.weights[2], 0, 3, 0);
  EXPECT_TRUE(training.weight_gradients[0].empty());
}

TEST(BatchNormalization, RefusesWhatItDoesNotDo) {
  EXPECT_THROW(normalization(Config::object({{"renorm", true}})), Error);
  EXPECT_THROW(normalization(Config::object({{"axis", 0}}))->build({{3}}), Error);
  EXPECT_THROW(normalization(Config::object({{"ghost_batch_size", -1}})), Error);
}

}  // namespace
}  // namespace batchwise
