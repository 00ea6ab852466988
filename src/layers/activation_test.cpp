// Facts about activations: precision, numbers that are not finite, padding of channels.
#include "kernels/activation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/activity_penalty.h"
#include "kernels/simd/activation_table.h"
#include "layers/layer_trial.h"

namespace batchwise {
namespace {

std::unique_ptr<Layer> activation(const Config& value) {
  auto layer = Registry<Layer>::instance().make({"Activation", Config::object({{"activation", value}})}, "test");
  layer->set_name("activation");
  return layer;
}

struct Exact {
  const char* name;
  double (*function)(double);
};
const Exact kExact[] = {
    {"sigmoid", [](double x) { return 1 / (1 + std::exp(-x)); }},
    {"tanh", [](double x) { return std::tanh(x); }},
    {"exponential", [](double x) { return std::exp(x); }},
    {"softplus", [](double x) { return std::log1p(std::exp(x)); }},
    {"gelu", [](double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }},
    {"silu", [](double x) { return x / (1 + std::exp(-x)); }},
    {"selu", [](double x) { return 1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * std::expm1(x)); }},
    {"elu", [](double x) { return x > 0 ? x : std::expm1(x); }},
    {"mish", [](double x) { return x * std::tanh(std::log1p(std::exp(x))); }},
    {"log_sigmoid", [](double x) { return -std::log1p(std::exp(-x)); }},
};

TEST(Activation, TranscendentalOnesAreExactToAFewUnitsInTheLastPlace) {
  for (const Exact& exact : kExact) {
    std::vector<float> x, y;
    for (int i = -2400; i <= 2400; ++i) x.push_back(static_cast<float>(i) / 200);
    y.resize(x.size());
    find_activation_entry(exact.name)->forward({.a = 1}, x.data(), y.data(), static_cast<int64_t>(x.size()));
    for (size_t i = 0; i < x.size(); ++i) {
      const double wanted = exact.function(x[i]);
      ASSERT_NEAR(y[i], wanted, 1.5e-6 * std::fabs(wanted) + 1e-12) << exact.name << "(" << x[i] << ")";
    }
  }
}

TEST(Activation, SlopesAreThoseOfTheFunctions) {
  for (const Exact& exact : kExact) {
    const ActivationEntry& entry = *find_activation_entry(exact.name);
    for (double at = -5.03; at < 5; at += 0.11) {
      const float x = static_cast<float>(at), one = 1;
      float y, slope;
      entry.forward({.a = 1}, &x, &y, 1);
      entry.backward({.a = 1}, &one, entry.from_output ? &y : &x, &slope, 1);
      const double wanted = (exact.function(x + 1e-5) - exact.function(x - 1e-5)) / 2e-5;
      ASSERT_NEAR(slope, wanted, 2e-6 * std::max(1.0, std::fabs(wanted))) << exact.name << "'(" << x << ")";
    }
  }
}

TEST(Activation, NaNIsNeverTurnedIntoANumber) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const ActivationEntry& entry : activation_entries()) {
    std::vector<float> x(19, 0.5f), y(19, 0.0f);
    x[3] = x[18] = nan;
    entry.forward({.a = 1, .b = 2, .c = 0.1f}, x.data(), y.data(), 19);
    EXPECT_TRUE(std::isnan(y[3]) && std::isnan(y[18])) << entry.name;
    EXPECT_FALSE(std::isnan(y[2])) << entry.name;
  }
  for (const char* name : {"softmax", "log_softmax"}) {
    const auto layer = activation(name);
    Array x = random_array({1, 20}, 1);
    x.data<float>()[7] = nan;
    EXPECT_TRUE(std::isnan(try_layer(*layer, {x}, {}).outputs[0].data<float>()[0])) << name;
  }
}

TEST(Activation, LargeNumbersDoNotOverflowWhereTheFunctionDoesNot) {
  const std::vector<float> x = {-1e30f, -200, -100, 100, 200, 1e30f};
  for (const char* name :
       {"sigmoid", "tanh", "softplus", "gelu", "silu", "elu", "selu", "mish", "softsign", "log_sigmoid"}) {
    std::vector<float> y(x.size());
    find_activation_entry(name)->forward({.a = 1}, x.data(), y.data(), static_cast<int64_t>(x.size()));
    for (size_t i = 0; i < x.size(); ++i) EXPECT_TRUE(std::isfinite(y[i])) << name << "(" << x[i] << ") = " << y[i];
  }
}

TEST(Activation, PaddedChannelsStayZero) {
  for (const char* name : {"sigmoid", "exponential", "softplus", "relu"}) {
    const auto layer = activation(name);
    // The trial throws where the padding is not zero.
    const Array x = random_array({3, 4, 5, 19}, 1);
    const TrialResult blocked = try_layer(*layer, {x}, {}, {x}, {.grain = 2, .channel_block = 16});
    const TrialResult plain = try_layer(*layer, {x}, {}, {x}, {.grain = 2});
    for (int64_t i = 0; i < x.count(); ++i)
      ASSERT_EQ(plain.outputs[0].data<float>()[i], blocked.outputs[0].data<float>()[i]);
  }
}

TEST(Activation, UnknownNamesAndArgumentsAreRefusedWithTheNearest) {
  try {
    activation("rellu");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("Did you mean \"relu\""), std::string::npos) << error.what();
  }
  EXPECT_THROW(activation(Config::object({{"class_name", "elu"}, {"config", Config::object({{"beta", 1.0}})}})), Error);
  EXPECT_THROW(activation(Config::object(
                   {{"class_name", "leaky_relu"}, {"config", Config::object({{"negative_slope", -1.0}})}})),
               Error);
  EXPECT_THROW(activation("glu")->build({{5}}), Error);
}

TEST(Activation, ArgumentsComeWithASpec) {
  const auto layer =
      activation(Config::object({{"class_name", "leaky_relu"}, {"config", Config::object({{"negative_slope", 0.5}})}}));
  const TrialResult result = try_layer(*layer, {Array::from<float>({-2, 3}, {1, 2})}, {});
  EXPECT_EQ(result.outputs[0].data<float>()[0], -1);
  EXPECT_EQ(result.outputs[0].data<float>()[1], 3);
}

// A layer that only penalises its input.
class Penalised final : public Layer {
 public:
  std::string_view class_name() const override { return "Penalised"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return inputs; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_activity_penalty(lowering, inputs[0], Spec("L1L2", Config::object({{"l1", 0.5}, {"l2", 0.25}})))};
  }
};

TEST(ActivityPenalty, AddsToTheLossAndToTheGradientOfTheMean) {
  Penalised layer;
  const Array x = Array::from<float>({1, -2, 3, 0, 5}, {5, 1}), dy = random_array({5, 1}, 1);
  for (const int64_t grain : {1, 2, 5})
    for (const bool in_place : {false, true}) {
      const TrialResult result = try_layer(layer, {x}, {}, {dy}, {.grain = grain, .in_place = in_place});
      EXPECT_DOUBLE_EQ(result.added_loss, 0.5 * 11 + 0.25 * 39);
      for (int i = 0; i < 5; ++i) {
        const float v = x.data<float>()[i], sign = v > 0 ? 1 : v < 0 ? -1 : 0;
        EXPECT_NEAR(result.input_gradients[0].data<float>()[i], dy.data<float>()[i] + (0.5f * sign + 0.5f * v) / 5,
                    1e-6);
      }
    }
  EXPECT_DOUBLE_EQ(try_layer(layer, {x}, {}, {}, {.training = false}).added_loss, 0.5 * 11 + 0.25 * 39);
  EXPECT_THROW(check_activity_regularizer("OrthogonalRegularizer", "Dense"), Error);
}

}  // namespace
}  // namespace batchwise
