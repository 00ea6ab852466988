// Facts about noise: its moments, and that it is the same however samples are cut into grains.
#include <gtest/gtest.h>

#include "layers/layer_trial.h"

namespace batchwise {
namespace {

struct Moments {
  double mean = 0, deviation = 0;
};

Moments moments(const Array& array) {
  double sum = 0, squares = 0;
  for (const float v : array.values<float>()) {
    sum += v;
    squares += static_cast<double>(v) * v;
  }
  const double n = static_cast<double>(array.count());
  return {sum / n, std::sqrt(squares / n - sum / n * sum / n)};
}

TrialResult noisy(const char* name, const Config& config, const Array& x, TrialOptions options = {}) {
  auto layer = Registry<Layer>::instance().make({name, config}, "test");
  layer->set_name(name);
  return try_layer(*layer, {x}, {}, {}, options);
}

TEST(Noise, GaussianNoiseHasItsDeviation) {
  const Moments m =
      moments(noisy("GaussianNoise", Config::object({{"stddev", 0.5}}), Array(DType::Float32, {100, 400})).outputs[0]);
  EXPECT_NEAR(m.mean, 0, 0.01);
  EXPECT_NEAR(m.deviation, 0.5, 0.01);
}

TEST(Noise, GaussianDropoutKeepsTheMean) {
  const Moments m =
      moments(noisy("GaussianDropout", Config::object({{"rate", 0.2}}), random_array({100, 400}, 1, 1, 1)).outputs[0]);
  EXPECT_NEAR(m.mean, 1, 0.01);
  EXPECT_NEAR(m.deviation, 0.5, 0.01);
}

TEST(Noise, AlphaDropoutKeepsMeanAndDeviationOfNormalNumbers) {
  const Array x =
      noisy("GaussianNoise", Config::object({{"stddev", 1.0}}), Array(DType::Float32, {100, 400})).outputs[0];
  const Moments m = moments(noisy("AlphaDropout", Config::object({{"rate", 0.3}}), x).outputs[0]);
  EXPECT_NEAR(m.mean, 0, 0.02);
  EXPECT_NEAR(m.deviation, 1, 0.02);
}

TEST(Noise, SpatialDropoutTakesWholeChannels) {
  const Array y =
      noisy("SpatialDropout1D", Config::object({{"rate", 0.5}}), random_array({8, 5, 6}, 1, 1, 1)).outputs[0];
  int dropped = 0;
  for (int64_t i = 0; i < 8; ++i)
    for (int64_t c = 0; c < 6; ++c)
      for (int64_t t = 0; t < 5; ++t) {
        const float v = y.data<float>()[(i * 5 + t) * 6 + c];
        EXPECT_EQ(v, y.data<float>()[i * 30 + c]);
        dropped += v == 0;
      }
  EXPECT_GT(dropped, 50);
  EXPECT_LT(dropped, 190);
}

TEST(Noise, DependsOnTheSampleNotOnTheGrain) {
  const Array x = random_array({20, 33}, 1);
  for (const char* name : {"GaussianDropout", "AlphaDropout"}) {
    const Config config = Config::object({{"rate", 0.4}});
    EXPECT_EQ(values(noisy(name, config, x, {.grain = 20}).outputs[0]),
              values(noisy(name, config, x, {.grain = 3}).outputs[0]))
        << name;
  }
}

}  // namespace
}  // namespace batchwise
