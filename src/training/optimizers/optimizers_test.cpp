// Optimizers against traces made with Keras, and what holds for every one of them.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

#include "training/optimizers/stepped_optimizer_test.h"

namespace batchwise {
namespace {

using nlohmann::json;

std::vector<float> joined(const json& matrix) {
  std::vector<float> out;
  for (const json& row : matrix)
    for (const json& value : row) out.push_back(value.get<float>());
  return out;
}

TEST(Optimizers, FollowTheTracesOfKeras) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/optimizers.json");
  const json golden = json::parse(file);
  const Matrix start{joined(golden["w0"])};  // one variable of shape (4, 3)
  const std::map<std::string, Spec> specs{
      {"sgd", SGD({.learning_rate = 0.1f})},
      {"sgd_mom", SGD({.learning_rate = 0.1f, .momentum = 0.9f})},
      {"sgd_nesterov", SGD({.learning_rate = 0.1f, .momentum = 0.9f, .nesterov = true})},
      {"adam", Adam({.learning_rate = 0.01f})},
      {"adam_amsgrad", Adam({.learning_rate = 0.01f, .amsgrad = true})},
      {"adamw", AdamW({.learning_rate = 0.01f, .weight_decay = 0.1f})},
      {"rmsprop", RMSprop({.learning_rate = 0.01f})},
      {"rmsprop_c_m", RMSprop({.learning_rate = 0.01f, .momentum = 0.9f, .centered = true})},
      {"adagrad", Adagrad({.learning_rate = 0.1f})},
      {"adadelta", Adadelta({.learning_rate = 1.0f})},
      {"adamax", Adamax({.learning_rate = 0.01f})},
      {"nadam", Nadam({.learning_rate = 0.01f})},
      {"lamb", Lamb({.learning_rate = 0.01f})},
      {"adafactor", Adafactor({.learning_rate = 0.01f})},
      {"lion", Lion({.learning_rate = 0.01f})},
      {"ftrl", Ftrl({.learning_rate = 0.1f, .l1_regularization_strength = 0.01f})},
      {"sgd_clipnorm", SGD({.learning_rate = 0.1f, .common = {.clipnorm = 1.0f}})},
      {"sgd_gclip", SGD({.learning_rate = 0.1f, .common = {.global_clipnorm = 1.0f}})},
      {"sgd_clipvalue", SGD({.learning_rate = 0.1f, .common = {.clipvalue = 0.5f}})},
      {"adam_wd", Adam({.learning_rate = 0.01f, .common = {.weight_decay = 0.1f}})},
      {"adam_ema",
       Adam({.learning_rate = 0.01f, .common = {.use_ema = true, .ema_momentum = 0.9f, .ema_overwrite_frequency = 3}})},
      {"adam_acc2", Adam({.learning_rate = 0.01f, .common = {.gradient_accumulation_steps = 2}})},
      {"sgd_expdecay",
       SGD({.schedule = ExponentialDecay({.initial_learning_rate = 0.1f, .decay_steps = 2, .decay_rate = 0.5f})})},
  };
  for (const auto& [name, spec] : specs) {
    SCOPED_TRACE(name);
    SteppedOptimizer trainer(spec, start, {4, 3});
    for (size_t step = 0; step < golden["grads"].size(); ++step) {
      trainer.step({joined(golden["grads"][step])});
      const std::vector<float> wanted = joined(golden["traces"][name][step]);
      for (size_t i = 0; i < wanted.size(); ++i)
        ASSERT_NEAR(trainer.weights[0][i], wanted[i], 1e-6) << "step " << step << " weight " << i;
    }
  }
}

TEST(Optimizers, ARunCutInPiecesGivesTheSameBits) {
  for (const std::string& name : Registry<Optimizer>::instance().names())
    for (const Config& example : Registry<Optimizer>::instance().find(name)->examples) {
      const auto optimizer = make_optimizer(Spec(name, example));
      const LearnedVariable variable{"dense/bias", {101}};
      if (optimizer->is_whole(variable)) continue;
      const auto run = [&](const std::vector<int64_t>& pieces) {
        const size_t count = 101;
        std::vector<float> w(count), g(count);
        for (size_t i = 0; i < count; ++i)
          w[i] = std::sin(static_cast<float>(i)), g[i] = std::cos(7 * static_cast<float>(i));
        Matrix slots = slots_of(*optimizer, variable, w);
        for (int64_t iteration = 0; iteration < 3; ++iteration) {
          UpdateScalars scalars{.learning_rate = 0.01, .iteration = iteration};
          optimizer->begin(scalars);
          int64_t at = 0;
          for (int64_t piece : pieces) {
            std::vector<float*> parts;
            for (auto& slot : slots) parts.push_back(slot.data() + at);
            optimizer->update(scalars, {piece, w.data() + at, g.data() + at, parts});
            at += piece;
          }
        }
        return w;
      };
      EXPECT_EQ(run({101}), run({1, 13, 20, 67})) << name << " " << example.text();
    }
}

TEST(Optimizers, NadamsMomentumProductStaysExactOverManyUpdates) {
  // Against the product written out, at an iteration past the point from which it is shortened.
  const auto nadam = make_optimizer(Nadam({.beta_1 = 0.99f}));
  for (int64_t updates : {1, 100, 449, 450, 451, 600}) {
    double product = 1;
    for (int64_t t = 1; t <= updates; ++t) product *= 0.99 * (1 - 0.5 * std::pow(0.96, static_cast<double>(t)));
    UpdateScalars scalars{.learning_rate = 0.01, .iteration = updates - 1};
    nadam->begin(scalars);
    EXPECT_NEAR(1 - scalars.own[3], product, 1e-7 * product + 1e-16) << updates;
  }
}

TEST(Optimizers, EveryOneGoesDownhillOnVariablesOfAnyShape) {
  for (const std::string& name : Registry<Optimizer>::instance().names())
    for (const Config& example : Registry<Optimizer>::instance().find(name)->examples)
      for (const Shape& shape : {Shape{}, Shape{7}, Shape{4, 5}, Shape{40, 3}, Shape{2, 3, 4, 5}}) {
        SCOPED_TRACE(name + " " + example.text() + " " + shape.text());
        Config config = example;
        config.set("learning_rate", name == "Adadelta" ? 1.0 : 0.01);
        std::vector<float> w(static_cast<size_t>(shape.count()));
        for (size_t i = 0; i < w.size(); ++i) w[i] = std::sin(static_cast<float>(i + 1));
        SteppedOptimizer trainer(Spec(name, config), {w}, shape);
        const auto height = [&] { return SteppedOptimizer::norm(trainer.weights[0]); };
        const float before = height();
        for (int step = 0; step < 20; ++step) trainer.step({trainer.weights[0]});
        EXPECT_LT(height(), before);
        for (float value : trainer.weights[0]) ASSERT_TRUE(std::isfinite(value));
      }
}

TEST(Optimizers, EveryOneIsMadeAgainFromItsConfig) {
  for (const std::string& name : Registry<Optimizer>::instance().names())
    for (const Config& example : Registry<Optimizer>::instance().find(name)->examples) {
      const auto optimizer = make_optimizer(Spec(name, example));
      EXPECT_EQ(optimizer->class_name(), name);
      EXPECT_EQ(make_optimizer(Spec(name, optimizer->config()))->config(), optimizer->config());
    }
  const auto scheduled =
      make_optimizer(Adam({.schedule = CosineDecay({.initial_learning_rate = 0.5f, .decay_steps = 10})}));
  ASSERT_NE(scheduled->schedule(), nullptr);
  EXPECT_EQ(scheduled->config().at("learning_rate").at("class_name").as_string(), "CosineDecay");
  EXPECT_EQ(make_optimizer(Spec("Adam", scheduled->config()))->schedule()->rate(0), 0.5);
  EXPECT_EQ(
      make_optimizer("adam")->config().text(),
      R"({"name": "adam", "learning_rate": 0.001, "weight_decay": null, "clipnorm": null, "global_clipnorm": null, "clipvalue": null, )"
      R"("use_ema": false, "ema_momentum": 0.99, "ema_overwrite_frequency": null, "loss_scale_factor": null, )"
      R"("gradient_accumulation_steps": null, "beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": false})");
}

TEST(Optimizers, WeightDecayKeepsItsDefaultAndItsAbsence) {
  EXPECT_EQ(make_optimizer("adamw")->options().weight_decay, 0.004);
  EXPECT_EQ(make_optimizer(AdamW({.weight_decay = 0.0f}))->options().weight_decay, 0.0);
  EXPECT_EQ(make_optimizer(AdamW({.common = {.weight_decay = 0.5f}}))->options().weight_decay, 0.5);
  EXPECT_EQ(make_optimizer("adam")->options().weight_decay, 0.0);
}

std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) { return error.what(); }
  return "no error";
}

TEST(Optimizers, BadArgumentsNameThePlaceTheRuleAndTheValue) {
  EXPECT_EQ(message_of([] { make_optimizer(Adam({.common = {.clipnorm = 1.0f, .clipvalue = 1.0f}})); }),
            "[adam] at most one of clipnorm, global_clipnorm and clipvalue may be set. Got 2.");
  EXPECT_EQ(message_of([] { make_optimizer(SGD({.momentum = 1.5f})); }), "[SGD] momentum must lie in [0, 1]. Got 1.5.");
  EXPECT_NE(message_of([] { make_optimizer("adm"); }).find("Did you mean \"Adam\""), std::string::npos);
  EXPECT_NE(message_of([] {
              make_optimizer(Spec("SGD", Config::object({{"momentun", 0.9}})));
            }).find("Did you mean \"momentum\""),
            std::string::npos);
  EXPECT_NE(message_of([] { make_optimizer(SGD({.common = {.gradient_accumulation_steps = 1}})); }).find("2 or more"),
            std::string::npos);
  EXPECT_NE(message_of([] { make_optimizer(Adam({.beta_1 = 1.0f})); }).find("[0, 1)"), std::string::npos);
  EXPECT_NE(message_of([] { make_optimizer(Adam({.learning_rate = -1.0f})); }).find("-1"), std::string::npos);
}

}  // namespace
}  // namespace batchwise
