// The noise scale against truth: Gaussian gradients, and a regression whose gradients are known for every sample.
#include "training/execution/noise_scale.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include <batchwise/batchwise.h>

namespace batchwise {
namespace {

// Updates of `grains` grains of `grain` samples whose gradients are Gaussian, with mean `mean` in the first of
// `dimensions` directions and a spread of 1 in each.
NoiseTerms gaussian_update(std::mt19937_64& random, double mean, int dimensions, int64_t grains, int64_t grain) {
  std::normal_distribution<double> normal;
  NoiseTerms terms;
  terms.grains = grains;
  terms.samples = grains * grain;
  const double n = static_cast<double>(grain), all = static_cast<double>(terms.samples);
  std::vector<double> sum(static_cast<size_t>(dimensions), 0.0);
  double squares = 0;
  for (int64_t g = 0; g < grains; ++g)
    for (int d = 0; d < dimensions; ++d) {
      const double part = (n * (d == 0 ? mean : 0) + std::sqrt(n) * normal(random)) / all;
      sum[static_cast<size_t>(d)] += part;
      squares += part * part / n;
    }
  terms.grain_squares = {squares};
  double square = 0;
  for (double value : sum) square += value * value;
  terms.squares = {square};
  return terms;
}

const NoiseSlots kOne{{0}, {"all"}};

TEST(NoiseScale, OfGaussianGradientsIsInsideTheInterval95TimesIn100) {
  for (const auto& [mean, dimensions, updates] :
       {std::tuple{1.0, 100, 12}, std::tuple{0.5, 400, 50}, std::tuple{3.0, 30, 200}}) {
    const double truth = dimensions / (mean * mean);
    int inside = 0, told = 0;
    for (uint64_t trial = 0; trial < 1000; ++trial) {
      std::mt19937_64 random(trial);
      NoiseMeter meter(kOne, 0);
      for (int u = 0; u < updates; ++u) meter.add(gaussian_update(random, mean, dimensions, 8, 32));
      const auto scale = meter.read();
      if (!scale) continue;
      ++told;
      if (scale->low <= truth && truth <= scale->high) ++inside;
    }
    EXPECT_GE(told, 990) << mean;
    EXPECT_GE(inside, told * 93 / 100) << mean;
    EXPECT_LE(inside, told * 97 / 100) << mean;
  }
}

// Each reading is of few enough updates that their weights differ little: the mean of many is that of many updates.
TEST(NoiseScale, IsUnbiased) {
  std::mt19937_64 random(1);
  double spread = 0, gradient = 0;
  const int trials = 400;
  for (int i = 0; i < trials; ++i) {
    NoiseMeter meter(kOne, 0);
    for (int u = 0; u < 40; ++u) meter.add(gaussian_update(random, 2, 50, 4, 8));
    const auto scale = meter.read();
    ASSERT_TRUE(scale);
    spread += scale->spread / trials;
    gradient += scale->gradient / trials;
  }
  EXPECT_NEAR(spread, 50, 0.25);
  EXPECT_NEAR(gradient, 4, 0.04);
}

TEST(NoiseScale, OfAnUpdateThatIsNotFiniteNothingIsKept) {
  std::mt19937_64 random(4);
  NoiseMeter meter({{0, 1}, {"first", "second"}}, 0);
  const auto update = [&](double second) {
    NoiseTerms terms = gaussian_update(random, 1, 10, 8, 32);
    terms.grain_squares.push_back(terms.grain_squares[0]);
    terms.squares.push_back(second * terms.squares[0]);
    meter.add(terms);
  };
  for (int u = 0; u < 50; ++u) update(1);
  const std::vector<double> before = meter.state();
  update(HUGE_VAL);
  EXPECT_EQ(meter.state(), before);
}

TEST(NoiseScale, IsNotToldFromOneGrainOrFewUpdatesOrWithoutAGradient) {
  std::mt19937_64 random(2);
  NoiseMeter one_grain(kOne, 0), few(kOne, 0), no_gradient(kOne, 0);
  for (int u = 0; u < 50; ++u) one_grain.add(gaussian_update(random, 1, 10, 1, 32));
  for (int u = 0; u < 5; ++u) few.add(gaussian_update(random, 1, 10, 8, 32));
  for (int u = 0; u < 50; ++u) no_gradient.add(gaussian_update(random, 0, 10, 8, 32));
  EXPECT_FALSE(one_grain.read());
  EXPECT_FALSE(few.read());
  EXPECT_FALSE(no_gradient.read());
}

// y = x w + noise with three inputs; the weights stay where they are because the learning rate is 0.
struct Regression {
  static constexpr int64_t kRows = 40000, kInputs = 3;
  Array x, y;
  double noise_scale = 0;

  Regression() {
    std::mt19937_64 random(7);
    std::normal_distribution<float> normal;
    std::vector<float> xs, ys;
    for (int64_t r = 0; r < kRows; ++r) {
      float target = 2 * normal(random);
      for (int64_t i = 0; i < kInputs; ++i) {
        xs.push_back(normal(random));
        target += xs.back();
      }
      ys.push_back(target);
    }
    // With weights of zero, the gradient of (x w - y)^2 is -2 y x.
    double mean[kInputs] = {}, squares = 0;
    for (int64_t r = 0; r < kRows; ++r)
      for (int64_t i = 0; i < kInputs; ++i) {
        const double g = -2.0 * ys[static_cast<size_t>(r)] * xs[static_cast<size_t>(r * kInputs + i)];
        mean[i] += g / kRows;
        squares += g * g;
      }
    double square = 0;
    for (double m : mean) square += m * m;
    noise_scale = (squares - kRows * square) / (kRows - 1) / square;
    x = Array::from(xs, {kRows, kInputs});
    y = Array::from(ys, {kRows, 1});
  }

  Model model() const {
    Model made = Sequential({Input({kInputs}), Dense({.units = 1, .use_bias = false, .kernel_initializer = "zeros"})});
    made.compile({.optimizer = SGD({.learning_rate = 0}), .loss = "mse"});
    return made;
  }
};

FitOptions short_run(uint64_t seed) {
  FitOptions options;
  options.batch_size = 64;
  options.grain = 8;
  options.lanes = 1;
  options.seed = seed;
  options.verbose = 0;
  options.steps_per_epoch = 64 * 5;
  return options;
}

TEST(NoiseScale, OfARegressionKnownSampleBySampleIsInsideTheIntervalOfFit95TimesIn100) {
  const Regression task;
  int inside = 0, told = 0;
  double mean = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) {
    Model model = task.model();
    const History history = model.fit(task.x, task.y, short_run(seed));
    ASSERT_EQ(history.noise_scale.size(), 1u);
    const auto& scale = history.noise_scale[0];
    if (!scale) continue;
    ++told;
    mean += scale->value;
    if (scale->low <= task.noise_scale && task.noise_scale <= scale->high) ++inside;
  }
  EXPECT_GE(told, 995);
  EXPECT_NEAR(mean / told, task.noise_scale, 0.05 * task.noise_scale);
  EXPECT_GE(inside, told * 93 / 100);
  EXPECT_LE(inside, told * 97 / 100);
}

TEST(NoiseScale, IsTheSameForAnyLanesAndBudgetAndChangesNoWeight) {
  const Regression task;
  std::vector<NoiseScale> scales;
  std::vector<Array> weights;
  for (const bool measured : {true, false})
    for (const int lanes : {1, 2, 5}) {
      Model model = task.model();
      model.compile({.optimizer = SGD({.learning_rate = 1e-3f}), .loss = "mse"});
      FitOptions options = short_run(1);
      options.lanes = lanes;
      options.noise_scale = measured;
      const History history = model.fit(task.x, task.y, options);
      weights.push_back(model.get_weights()[0]);
      ASSERT_EQ(history.noise_scale[0].has_value(), measured);
      if (measured) scales.push_back(*history.noise_scale[0]);
    }
  for (const NoiseScale& scale : scales) {
    EXPECT_EQ(scale.value, scales[0].value);
    EXPECT_EQ(scale.low, scales[0].low);
    EXPECT_EQ(scale.high, scales[0].high);
  }
  for (const Array& weight : weights)
    for (int64_t i = 0; i < Regression::kInputs; ++i) EXPECT_EQ(weight.data<float>()[i], weights[0].data<float>()[i]);
}

TEST(NoiseScale, ByLayerAddsUpToThatOfAllWeights) {
  Regression task;
  for (int64_t r = 0; r < Regression::kRows; ++r) task.y.data<float>()[r] += 3;  // or biases had no gradient to tell
  Model model =
      Sequential({Input({Regression::kInputs}), Dense({.units = 4, .activation = "tanh"}), Dense({.units = 1})});
  model.compile({.optimizer = SGD({.learning_rate = 0}), .loss = "mse"});
  FitOptions options = short_run(1);
  options.noise_scale_by_layer = true;
  const History history = model.fit(task.x, task.y, options);
  ASSERT_EQ(history.noise_scale_by_layer.size(), 4u);
  double spread = 0, gradient = 0;
  for (const auto& [name, scale] : history.noise_scale_by_layer) {
    ASSERT_TRUE(scale) << name;
    spread += scale->spread, gradient += scale->gradient;
  }
  ASSERT_TRUE(history.noise_scale[0]);
  EXPECT_NEAR(spread, history.noise_scale[0]->spread, 1e-6 * spread);
  EXPECT_NEAR(gradient, history.noise_scale[0]->gradient, 1e-4 * gradient);
}

}  // namespace
}  // namespace batchwise
