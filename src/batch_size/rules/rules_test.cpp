// Rules for a change of batch size: numbers by hand, refusals, and noisy training that stays the same per sample.
#include <batchwise/rules.h>

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <random>
#include <span>

#include <batchwise/error.h>
#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

double number(const Spec& spec, const char* key) { return spec.config.at(key).as_number(key); }
double scheduled(const Spec& spec, const char* key) {
  return spec.config.at("learning_rate").at("config").at(key).as_number(key);
}

std::string refusal(const Spec& optimizer, const BatchSizeChange& change) {
  try {
    change_batch_size(optimizer, change);
  } catch (const Error& error) { return error.what(); }
  return "";
}

TEST(Rules, GradientDescentFollowsTheBatchSizeInAStraightLine) {
  const ChangedOptimizer changed = change_batch_size(
      SGD({.learning_rate = 0.25f, .momentum = 0.5f, .common = {.weight_decay = 0.125f}}), {.from = 32, .to = 128});
  EXPECT_EQ(changed.rule, "linear");
  EXPECT_EQ(changed.rate_factor, 4);
  EXPECT_EQ(number(changed.optimizer, "learning_rate"), 1.0);
  EXPECT_EQ(number(changed.optimizer, "momentum"), 0.5);
  EXPECT_EQ(number(changed.optimizer, "weight_decay"), 0.125);  // a quarter of the updates, at four times the rate
  ASSERT_EQ(changed.changes.size(), 1u);
  EXPECT_EQ(changed.changes[0].key, "learning_rate");
}

TEST(Rules, AdamFollowsTheSquareRootAndItsAveragesRememberAsManySamples) {
  const ChangedOptimizer changed = change_batch_size(
      AdamW({.learning_rate = 0.5f, .weight_decay = 0.25f, .beta_1 = 0.5f, .beta_2 = 0.75f, .epsilon = 0.125f}),
      {.from = 64, .to = 256});
  EXPECT_EQ(changed.rule, "square_root");
  EXPECT_EQ(number(changed.optimizer, "learning_rate"), 1.0);
  EXPECT_DOUBLE_EQ(number(changed.optimizer, "beta_1"), 0.0625);
  EXPECT_DOUBLE_EQ(number(changed.optimizer, "beta_2"), 0.31640625);
  EXPECT_DOUBLE_EQ(number(changed.optimizer, "epsilon"), 0.0625);
  EXPECT_DOUBLE_EQ(number(changed.optimizer, "weight_decay"), 0.5);  // 0.25 * 0.5 * 4 == 0.5 * 1.0
}

TEST(Rules, ThereAndBackIsWhereItBegan) {
  for (const std::string& name : Registry<Optimizer>::instance().names())
    for (const Config& example : Registry<Optimizer>::instance().find(name)->examples) {
      const Spec spec(name, example);
      if (make_optimizer(spec)->batch_size_rule().name.empty()) continue;
      const Spec there = change_batch_size(spec, {.from = 16, .to = 32}).optimizer;
      const Config back = change_batch_size(there, {.from = 32, .to = 16}).optimizer.config;
      const Config before = make_optimizer(spec)->config();
      for (const auto& [key, value] : before.as_object())
        if (value.is_number()) EXPECT_NEAR(back.at(key).as_number(), value.as_number(), 1e-12) << name << "." << key;
    }
}

TEST(Rules, NoneChangesNothing) {
  const Spec spec = Adam({.learning_rate = 0.5f});
  const ChangedOptimizer changed = change_batch_size(spec, {.from = 1, .to = 4096, .rule = "none"});
  EXPECT_EQ(changed.optimizer, spec);
  EXPECT_EQ(changed.rate_factor, 1);
  EXPECT_TRUE(changed.changes.empty());
}

TEST(Rules, ARuleThatDoesNotSuitIsRefusedWithTheOneThatDoes) {
  EXPECT_TRUE(refusal(SGD(), {.from = 32, .to = 64, .rule = "square_root"})
                  .starts_with("[rules] the rule must suit SGD: \"linear\""));
  EXPECT_TRUE(refusal(SGD(), {.from = 32, .to = 64, .rule = "square_root"}).ends_with("Got \"square_root\"."));
  EXPECT_TRUE(refusal(Adam(), {.from = 32, .to = 64, .rule = "linear"})
                  .starts_with("[rules] the rule must suit Adam: \"square_root\""));
  EXPECT_TRUE(refusal(Adagrad(), {.from = 32, .to = 64, .rule = "square_root"})
                  .starts_with("[rules] the rule must suit Adagrad: \"constant\""));
  EXPECT_TRUE(refusal(Ftrl({.learning_rate_power = -0.25f}), {.from = 32, .to = 64})
                  .starts_with("[rules] no rule is known for Ftrl"));
  EXPECT_EQ(refusal(Adam(), {.from = 32, .to = 64, .rule = "cubic"}),
            "[rules] the rule must be \"auto\", \"linear\", \"square_root\", \"constant\" or \"none\". Got \"cubic\".");
  EXPECT_NE(refusal(Adam(), {.from = 0, .to = 64}), "");
}

TEST(Rules, WhatFloatsCannotHoldIsRefusedWithTheNearestThatTheyCan) {
  const std::string near_one = refusal(Adam(), {.from = 65536, .to = 1});
  EXPECT_TRUE(near_one.starts_with("[rules] 1 - beta_2 must stay at least 2.384e-07")) << near_one;
  EXPECT_TRUE(
      near_one.ends_with("Give a batch size of at least 16, or settings that are meant for one of at most 4196."))
      << near_one;
  EXPECT_EQ(refusal(Adam(), {.from = 65536, .to = 16}), "");
  EXPECT_EQ(refusal(Adam(), {.from = 4196, .to = 1}), "");
  EXPECT_NE(refusal(Adam(), {.from = 4197, .to = 1}), "");
  EXPECT_NE(refusal(Adam(), {.from = 99999999999999, .to = 512}), "");
  EXPECT_EQ(refusal(SGD(), {.from = 65536, .to = 1}), "");  // no average over updates
  EXPECT_NE(refusal(SGD({.common = {.use_ema = true}}), {.from = 1 << 20, .to = 1}).find("1 - ema_momentum"),
            std::string::npos);
  EXPECT_EQ(rate_factor(Adam(), {.from = 65536, .to = 1}), 1.0 / 256);  // of the rate alone
  // What already was as near to 1 as that may get farther away.
  EXPECT_EQ(refusal(Adam({.beta_2 = 0.99999994f}), {.from = 1, .to = 2}), "");

  EXPECT_TRUE(refusal(Adafactor(), {.from = 1, .to = 1'000'000'000}).starts_with("[rules] epsilon_1 must stay"));
  EXPECT_TRUE(refusal(SGD({.learning_rate = 1e30f}), {.from = 1, .to = 1'000'000'000})
                  .starts_with("[rules] learning_rate must stay"));
  EXPECT_EQ(refusal(Adam(), {.from = 1, .to = 1'000'000'000}), "");
}

TEST(Rules, EveryOptimizerButAdadeltaHasOneThatItSuits) {
  for (const std::string& name : Registry<Optimizer>::instance().names()) {
    if (name == "Adadelta") {
      EXPECT_NE(refusal(name, {.from = 32, .to = 64}), "");
      continue;
    }
    const std::string rule = change_batch_size(name, {.from = 32, .to = 64}).rule;
    EXPECT_EQ(refusal(name, {.from = 32, .to = 64, .rule = rule}), "") << name;
  }
}

TEST(Rules, SchedulesCountTheSameSamples) {
  const Spec spec =
      SGD({.schedule = CosineDecay(
               {.initial_learning_rate = 0.25f, .decay_steps = 1000, .warmup_target = 0.5f, .warmup_steps = 100})});
  const Spec changed = change_batch_size(spec, {.from = 32, .to = 80}).optimizer;
  EXPECT_EQ(scheduled(changed, "decay_steps"), 400);
  EXPECT_EQ(scheduled(changed, "warmup_steps"), 40);
  EXPECT_EQ(scheduled(changed, "initial_learning_rate"), 0.625);
  EXPECT_EQ(scheduled(changed, "warmup_target"), 1.25);
  const auto before = make_optimizer(spec), after = make_optimizer(changed);
  for (const double samples : {0.0, 1600.0, 3200.0, 16000.0, 64000.0})
    EXPECT_NEAR(after->schedule()->rate(samples / 80), 2.5 * before->schedule()->rate(samples / 32), 1e-7);

  // A run that goes on with another batch size counts its schedule as it did before.
  const Spec resumed = change_batch_size(spec, {.from = 32, .to = 80, .schedule_to = 32}).optimizer;
  EXPECT_EQ(scheduled(resumed, "decay_steps"), 1000);
  EXPECT_EQ(scheduled(resumed, "warmup_target"), 1.25);
}

TEST(Rules, ListsOfAScheduleChangeItemByItem) {
  const Spec spec = Adam({.schedule = PiecewiseConstantDecay({.boundaries = {40, 80}, .values = {1, 0.5f, 0.25f}})});
  const Config list = change_batch_size(spec, {.from = 8, .to = 32}).optimizer.config.at("learning_rate").at("config");
  EXPECT_EQ(list.at("boundaries").as_list()[1].as_number(), 20);
  EXPECT_EQ(list.at("values").as_list()[2].as_number(), 0.5);
}

TEST(Rules, CountsOfUpdatesMustStayWhole) {
  const Spec spec = SGD({.common = {.use_ema = true, .ema_momentum = 0.5f, .ema_overwrite_frequency = 6}});
  const Spec changed = change_batch_size(spec, {.from = 32, .to = 96}).optimizer;
  EXPECT_EQ(number(changed, "ema_overwrite_frequency"), 2);
  EXPECT_EQ(number(changed, "ema_momentum"), 0.125);
  EXPECT_NE(refusal(spec, {.from = 32, .to = 128}).find("ema_overwrite_frequency counts updates"), std::string::npos);
  EXPECT_NE(refusal(ScheduleFreeAdamW({.warmup_steps = 10}), {.from = 32, .to = 128}).find("warmup_steps"),
            std::string::npos);
}

TEST(Rules, AWarmUpRisesToTheRateOverItsSamples) {
  const auto constant = make_optimizer(warm_up(SGD({.learning_rate = 0.5f}), 1000, 50, 0.25));
  EXPECT_NEAR(constant->schedule()->rate(0), 0.25, 1e-7);
  EXPECT_NEAR(constant->schedule()->rate(10), 0.375, 1e-7);
  EXPECT_NEAR(constant->schedule()->rate(20), 0.5, 1e-7);
  EXPECT_NEAR(constant->schedule()->rate(1e6), 0.5, 1e-7);

  const Spec cosine = SGD({.schedule = CosineDecay({.initial_learning_rate = 0.5f, .decay_steps = 100})});
  const auto warmed = make_optimizer(warm_up(cosine, 1000, 50));
  EXPECT_NEAR(warmed->schedule()->rate(10), 0.25, 1e-7);
  EXPECT_NEAR(warmed->schedule()->rate(20), 0.5, 1e-7);
  EXPECT_NEAR(warmed->schedule()->rate(120), 0, 1e-7);

  EXPECT_THROW(warm_up(SGD(), 10, 50), Error);
  EXPECT_THROW(warm_up(warm_up(cosine, 1000, 50), 1000, 50), Error);
  EXPECT_THROW(warm_up(SGD({.schedule = ExponentialDecay({})}), 1000, 50), Error);
}

// Many weights on slopes with noise of their own, as an optimizer moves them towards 1 (from 0) or 0 (from 1).
struct Noisy {
  const char* name;
  Spec optimizer;
  float start = 1;
  bool matrix = false;
};

// How far from where they began, and how far apart.
struct Spread {
  double moved = 0, deviation = 0;
};

constexpr int64_t kWeights = 4096, kSamples = 16000;

Spread descent(const Noisy& noisy, int64_t batch_size, const char* rule) {
  const auto optimizer =
      make_optimizer(change_batch_size(noisy.optimizer, {.from = 8, .to = batch_size, .rule = rule}).optimizer);
  const Shape shape = noisy.matrix ? Shape{64, 64} : Shape{kWeights};
  const LearnedVariable variable{"dense/kernel", shape};
  std::mt19937 generator(static_cast<uint32_t>(batch_size));
  std::normal_distribution<float> noise(0, 1 / std::sqrt(static_cast<float>(batch_size)));
  // Of a matrix, ones of both signs: a direction that all share would stand out of the noise.
  std::vector<float> ones(kWeights, 1.0f), gradients(kWeights), scratch(1 << 17);
  if (noisy.matrix)
    for (float& one : ones) one = generator() % 2 == 0 ? 1.0f : -1.0f;
  std::vector<float> weights = ones;
  for (float& weight : weights) weight *= noisy.start;
  std::vector<std::vector<float>> slots;
  std::vector<float*> pointers;
  for (const SlotSpec& slot : optimizer->slots(variable)) {
    slots.emplace_back(static_cast<size_t>(slot.shape ? slot.shape->count() : kWeights), slot.initial);
    if (slot.from_weights) slots.back() = weights;
  }
  for (auto& slot : slots) pointers.push_back(slot.data());
  for (int64_t update = 0; update < kSamples / batch_size; ++update) {
    for (size_t i = 0; i < weights.size(); ++i)
      gradients[i] = 0.03f * (weights[i] - (1 - noisy.start) * ones[i]) + noise(generator);
    UpdateScalars scalars;
    scalars.learning_rate = optimizer->options().learning_rate;
    scalars.iteration = update;
    optimizer->begin(scalars);
    const float decay = static_cast<float>(optimizer->weight_decay(variable) * scalars.learning_rate);
    for (float& weight : weights) weight -= decay * weight;
    if (optimizer->is_whole(variable))
      optimizer->update_whole(scalars, {shape, weights.data(), gradients.data(), {pointers}, scratch.data()});
    else optimizer->update(scalars, {kWeights, weights.data(), gradients.data(), {pointers}});
  }
  double sum = 0, squares = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    const double moved = weights[i] * ones[i] - noisy.start;
    sum += moved;
    squares += moved * moved;
  }
  const double mean = sum / kWeights;
  return {mean, std::sqrt(squares / kWeights - mean * mean)};
}

TEST(Rules, NoisyTrainingStaysTheSamePerSampleWithThemAndNotWithoutThem) {
  const Noisy all[] = {
      {"SGD", SGD({.learning_rate = 0.02f})},
      {"momentum", SGD({.learning_rate = 0.004f, .momentum = 0.8f})},
      {"decayed", SGD({.learning_rate = 0.02f, .common = {.weight_decay = 0.05f}})},
      {"Adam", Adam({.learning_rate = 0.004f, .beta_2 = 0.99f})},
      {"AdamW", AdamW({.learning_rate = 0.004f, .weight_decay = 0.2f, .beta_2 = 0.99f})},
      {"Adamax", Adamax({.learning_rate = 0.008f, .beta_2 = 0.99f})},
      {"Nadam", Nadam({.learning_rate = 0.004f, .beta_2 = 0.99f})},
      {"RMSprop", RMSprop({.learning_rate = 0.004f, .rho = 0.98f})},
      {"epsilon", RMSprop({.learning_rate = 0.006f, .rho = 0.98f, .epsilon = 0.1f})},
      {"Adagrad", Adagrad({.learning_rate = 0.3f, .initial_accumulator_value = 100})},
      {"Ftrl", Ftrl({.learning_rate = 0.15f, .l2_regularization_strength = 5, .beta = 0.5f}), 0},
      {"Lion", Lion({.learning_rate = 0.002f, .beta_1 = 0.7f, .beta_2 = 0.9f})},
      {"Lamb", Lamb({.learning_rate = 0.004f, .beta_1 = 0.5f, .beta_2 = 0.99f})},
      {"Adafactor", Adafactor({.learning_rate = 0.008f, .relative_step = false})},
      {"relative", Adafactor({.learning_rate = 0.01f})},
      {"Muon", Muon({.learning_rate = 0.004f, .momentum = 0.5f}), 1, true},
      {"free", ScheduleFreeAdamW({.learning_rate = 0.006f, .beta_2 = 0.99f})},
  };
  for (const Noisy& noisy : all) {
    const Spread small = descent(noisy, 8, "none");
    const auto apart = [&](const Spread& other) {
      return std::hypot(std::log(other.moved / small.moved), std::log(other.deviation / small.deviation));
    };
    EXPECT_LT(apart(descent(noisy, 32, "auto")), 0.1) << noisy.name;
    EXPECT_GT(apart(descent(noisy, 32, "none")), 0.2) << noisy.name;
  }
}

}  // namespace
}  // namespace batchwise
