// Schedules against fifty steps computed by Keras.
#include <fstream>
#include <map>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

TEST(Schedules, AgreeWithKerasAtEveryStep) {
  std::ifstream file(BATCHWISE_SOURCE_DIR "/tests/golden/schedules.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  const std::map<std::string, Spec> specs{
      {"exp", ExponentialDecay({.initial_learning_rate = 0.1f, .decay_steps = 10, .decay_rate = 0.9f})},
      {"exp_stair",
       ExponentialDecay({.initial_learning_rate = 0.1f, .decay_steps = 10, .decay_rate = 0.9f, .staircase = true})},
      {"poly", PolynomialDecay({.initial_learning_rate = 0.1f, .decay_steps = 20})},
      {"poly_cycle", PolynomialDecay({.initial_learning_rate = 0.1f, .decay_steps = 20, .power = 2, .cycle = true})},
      {"inv", InverseTimeDecay({.initial_learning_rate = 0.1f, .decay_steps = 10, .decay_rate = 0.5f})},
      {"cos", CosineDecay({.initial_learning_rate = 0.1f, .decay_steps = 30})},
      {"cos_warm",
       CosineDecay({.initial_learning_rate = 0.0f, .decay_steps = 30, .warmup_target = 0.1f, .warmup_steps = 10})},
      {"cos_restart", CosineDecayRestarts({.initial_learning_rate = 0.1f, .first_decay_steps = 10})},
      {"pw", PiecewiseConstantDecay({.boundaries = {5, 15}, .values = {0.1f, 0.05f, 0.01f}})},
  };
  EXPECT_EQ(golden.size(), specs.size());
  for (const auto& [name, spec] : specs) {
    const auto schedule = make_schedule(spec);
    for (size_t step = 0; step < golden[name].size(); ++step)
      EXPECT_NEAR(schedule->rate(static_cast<double>(step)), golden[name][step].get<double>(), 2e-8)
          << name << " at step " << step;
  }
}

TEST(Schedules, EveryOneIsMadeAgainFromItsConfig) {
  for (const std::string& name : Registry<Schedule>::instance().names())
    for (const Config& example : Registry<Schedule>::instance().find(name)->examples) {
      const auto schedule = make_schedule(Spec(name, example));
      const auto again = make_schedule(Spec(name, schedule->config()));
      EXPECT_EQ(again->config(), schedule->config());
      for (double step : {0.0, 3.5, 17.0, 1e9}) EXPECT_EQ(again->rate(step), schedule->rate(step)) << name;
    }
}

TEST(Schedules, RestartsThatDoNotLengthenRepeatThePeriod) {
  const auto schedule = make_schedule(
      CosineDecayRestarts({.initial_learning_rate = 1, .first_decay_steps = 4, .t_mul = 1, .m_mul = 0.5f}));
  EXPECT_FLOAT_EQ(static_cast<float>(schedule->rate(0)), 1);
  EXPECT_FLOAT_EQ(static_cast<float>(schedule->rate(2)), 0.5f);
  EXPECT_FLOAT_EQ(static_cast<float>(schedule->rate(8)), 0.25f);
}

TEST(Schedules, ArgumentsThatDoNotFitAreRefused) {
  EXPECT_THROW(make_schedule("CosineDecay"), Error);
  EXPECT_THROW(make_schedule(CosineDecay({.warmup_steps = 5})), Error);  // would be ignored
  EXPECT_THROW(make_schedule(PiecewiseConstantDecay({.boundaries = {5}, .values = {0.1f}})), Error);
  EXPECT_THROW(make_schedule(ExponentialDecay({.decay_steps = 0})), Error);
}

}  // namespace
}  // namespace batchwise
