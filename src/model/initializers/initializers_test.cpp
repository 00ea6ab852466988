// Initializers: distributions, limits, and values that depend on nothing but their address.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

std::vector<float> filled(const Spec& spec, const std::vector<int64_t>& shape, uint64_t seed = 1, uint64_t key = 2) {
  const int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  std::vector<float> values(static_cast<size_t>(count), NAN);
  make_initializer(spec)->fill(shape, seed, key, values);
  return values;
}

struct Moments {
  double mean = 0, deviation = 0, least = 0, most = 0, kurtosis = 0;
  explicit Moments(const std::vector<float>& values) : least(values[0]), most(values[0]) {
    const double count = static_cast<double>(values.size());
    double second = 0, fourth = 0;
    for (float v : values) mean += v / count;
    for (float v : values) {
      const double d = v - mean;
      second += d * d / count;
      fourth += d * d * d * d / count;
      least = std::min<double>(least, v);
      most = std::max<double>(most, v);
    }
    deviation = std::sqrt(second);
    kurtosis = fourth / (second * second);
  }
};

TEST(Initializers, UniformFillsItsRangeEvenly) {
  const Moments m(filled(initializers::RandomUniform({.minval = -1, .maxval = 3}), {200, 500}));
  EXPECT_NEAR(m.mean, 1, 0.02);
  EXPECT_NEAR(m.deviation, 4 / std::sqrt(12.0), 0.01);
  EXPECT_GE(m.least, -1);
  EXPECT_LE(m.most, 3);
  EXPECT_LT(m.least, -0.999);
  EXPECT_GT(m.most, 2.999);
}

TEST(Initializers, NormalHasNormalTailsAndTruncatedHasNone) {
  const Moments normal(filled(initializers::RandomNormal({.mean = 1, .stddev = 0.5f}), {200, 500}));
  EXPECT_NEAR(normal.mean, 1, 0.01);
  EXPECT_NEAR(normal.deviation, 0.5, 0.01);
  EXPECT_NEAR(normal.kurtosis, 3, 0.1);
  EXPECT_GT(normal.most, 1 + 3.5 * 0.5);
  const Moments cut(filled(initializers::TruncatedNormal({.mean = 1, .stddev = 0.5f}), {200, 500}));
  EXPECT_NEAR(cut.mean, 1, 0.01);
  EXPECT_NEAR(cut.deviation, 0.5 * 0.87962566103423978, 0.005);
  EXPECT_LE(cut.most, 2.0 + 1e-6);
  EXPECT_GE(cut.least, 0.0 - 1e-6);
}

TEST(Initializers, NamedScalingsHaveKerasSpread) {
  // A 3x3 convolution from 20 to 40 channels: 180 inputs, 360 outputs.
  const std::vector<int64_t> shape{3, 3, 20, 40};
  const auto deviation = [&](const Spec& spec) { return Moments(filled(spec, shape)).deviation; };
  EXPECT_NEAR(deviation("glorot_uniform"), std::sqrt(2.0 / 540), 0.0015);
  EXPECT_NEAR(deviation("glorot_normal"), std::sqrt(2.0 / 540), 0.0015);
  EXPECT_NEAR(deviation("he_uniform"), std::sqrt(2.0 / 180), 0.003);
  EXPECT_NEAR(deviation("he_normal"), std::sqrt(2.0 / 180), 0.003);
  EXPECT_NEAR(deviation("lecun_uniform"), std::sqrt(1.0 / 180), 0.002);
  EXPECT_NEAR(deviation("lecun_normal"), std::sqrt(1.0 / 180), 0.002);
  EXPECT_NEAR(
      deviation(initializers::VarianceScaling({.scale = 3, .mode = "fan_out", .distribution = "untruncated_normal"})),
      std::sqrt(3.0 / 360), 0.003);
  const Moments glorot(filled("glorot_uniform", shape));
  EXPECT_LE(glorot.most, std::sqrt(6.0 / 540) + 1e-7);
  EXPECT_GT(glorot.most, 0.99 * std::sqrt(6.0 / 540));
}

TEST(Initializers, OrthogonalVectorsAreAtRightAnglesAndOfTheGainsLength) {
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{30, 12}, {12, 30}, {16, 16}, {3, 3, 2, 8}}) {
    const std::vector<float> q = filled(initializers::Orthogonal({.gain = 2}), shape);
    const int64_t columns = shape.back(), rows = static_cast<int64_t>(q.size()) / columns,
                  count = std::min(rows, columns);
    for (int64_t a = 0; a < count; ++a)
      for (int64_t b = 0; b <= a; ++b) {
        double sum = 0;
        for (int64_t i = 0; i < std::max(rows, columns); ++i)
          sum += rows >= columns ? static_cast<double>(q[i * columns + a]) * q[i * columns + b]
                                 : static_cast<double>(q[a * columns + i]) * q[b * columns + i];
        EXPECT_NEAR(sum, a == b ? 4 : 0, 1e-5);
      }
  }
}

TEST(Initializers, AValueDependsOnSeedKeyAndElementAlone) {
  for (const char* name : {"glorot_uniform", "he_normal", "random_normal"}) {
    const std::vector<float> values = filled(name, {64});
    EXPECT_EQ(values, filled(name, {64})) << name;
    EXPECT_NE(values, filled(name, {64}, 2)) << name;
    EXPECT_NE(values, filled(name, {64}, 1, 3)) << name;
  }
  const std::vector<float> few = filled("random_normal", {5}), many = filled("random_normal", {64});
  EXPECT_TRUE(std::equal(few.begin(), few.end(), many.begin()));
  EXPECT_EQ(filled(initializers::GlorotUniform({.seed = 9}), {8, 8}, 1),
            filled(initializers::GlorotUniform({.seed = 9}), {8, 8}, 2));
}

TEST(Initializers, ConstantsAreExact) {
  EXPECT_EQ(filled("zeros", {3}), (std::vector<float>{0, 0, 0}));
  EXPECT_EQ(filled("Ones", {2}), (std::vector<float>{1, 1}));
  EXPECT_EQ(filled(initializers::Constant(0.25f), {2}), (std::vector<float>{0.25f, 0.25f}));
  EXPECT_EQ(filled(initializers::Identity(2), {2, 3}), (std::vector<float>{2, 0, 0, 0, 2, 0}));
  EXPECT_THROW(filled("identity", {3}), Error);
}

TEST(Initializers, StftKernelsAreWavesUnderAWindow) {
  // As scipy's stft of one frame: sum over t of x[t] w[t] exp(-2 pi i f t / 8) / sqrt(sum of w^2).
  const std::vector<float> real = filled(initializers::STFT(), {8, 1, 5}),
                           imag = filled(initializers::STFT({.side = "imag"}), {8, 1, 5});
  double square = 0;
  const auto hann = [](int t) { return 0.5 - 0.5 * std::cos(2 * M_PI * t / 7); };
  for (int t = 0; t < 8; ++t) square += hann(t) * hann(t);
  for (int t = 0; t < 8; ++t)
    for (int f = 0; f < 5; ++f) {
      const double angle = -2 * M_PI * t * f / 8, weight = hann(t) / std::sqrt(square);
      EXPECT_NEAR(real[static_cast<size_t>(t * 5 + f)], weight * std::cos(angle), 1e-6);
      EXPECT_NEAR(imag[static_cast<size_t>(t * 5 + f)], weight * std::sin(angle), 1e-6);
    }
  EXPECT_NEAR(filled(initializers::STFT({.window = "", .scaling = ""}), {8, 2, 5})[3], std::cos(0.0), 1e-6);
  EXPECT_NEAR(filled(initializers::STFT({.window = "hann", .scaling = "", .periodic = true}), {4, 1, 3})[3], 0.5, 1e-6);
  EXPECT_THROW(make_initializer(initializers::STFT({.window = "kaiser"})), Error);
  EXPECT_THROW(filled("stft", {8, 5}), Error);
}

TEST(Initializers, AxesOfInputsAndOutputsCanBeStated) {
  // A kernel (heads, in, out): 30 inputs, not 2 * 30.
  const Config axes = Config::object({{"input_axes", Config::List{1}}, {"output_axes", Config::List{0, 2}}});
  EXPECT_NEAR(Moments(filled(Spec("HeNormal", axes), {20, 30, 40})).deviation, std::sqrt(2.0 / 30), 0.003);
  EXPECT_NEAR(Moments(filled(Spec("GlorotUniform", axes), {20, 30, 40})).deviation, std::sqrt(2.0 / 830), 0.001);
}

TEST(Initializers, EveryOneIsMadeAgainFromItsConfig) {
  for (const std::string& name : Registry<Initializer>::instance().names())
    for (const Config& example : Registry<Initializer>::instance().find(name)->examples) {
      const auto initializer = make_initializer(Spec(name, example));
      EXPECT_EQ(initializer->class_name(), name);
      EXPECT_EQ(make_initializer(Spec(name, initializer->config()))->config(), initializer->config());
      const std::vector<int64_t> shape = name == "STFT" ? std::vector<int64_t>{6, 2, 6} : std::vector<int64_t>{6, 6};
      EXPECT_EQ(filled(Spec(name, initializer->config()), shape), filled(Spec(name, example), shape));
    }
}

TEST(Initializers, BadArgumentsAreRefused) {
  EXPECT_THROW(make_initializer("glorot"), Error);
  EXPECT_THROW(make_initializer(initializers::VarianceScaling({.mode = "fan"})), Error);
  EXPECT_THROW(make_initializer(Spec("HeNormal", Config::object({{"seed", "seven"}}))), Error);
  EXPECT_THROW(make_initializer(initializers::RandomUniform({.minval = 1, .maxval = 0})), Error);
}

}  // namespace
}  // namespace batchwise
