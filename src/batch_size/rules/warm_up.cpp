// A learning rate that rises before the schedule that was meant begins.
#include <batchwise/rules.h>

#include <cmath>

#include <batchwise/error.h>
#include <batchwise/optimizer.h>

namespace batchwise {
namespace {

constexpr const char* kWhere = "warm_up";

// A fall to a larger rate is a rise, and the rate stays where it arrives.
Config rise(double start, double rate, double updates) {
  return config_of(Spec(
      "PolynomialDecay",
      Config::object(
          {{"initial_learning_rate", start}, {"decay_steps", updates}, {"end_learning_rate", rate}, {"power", 1.0}})));
}

Config before_cosine(const Schedule& schedule, double start, double updates) {
  Config config = schedule.config();
  require(config.at("warmup_target").is_null(), kWhere,
          "the schedule must not warm up by itself already. Got CosineDecay with a warmup_target.");
  config.set("warmup_target", config.at("initial_learning_rate"));
  config.set("initial_learning_rate", start);
  config.set("warmup_steps", updates);
  return config_of(Spec("CosineDecay", config));
}

}  // namespace

Spec warm_up(const Spec& spec, int64_t samples, int64_t batch_size, double start_rate) {
  require(batch_size >= 1 && samples >= batch_size, kWhere,
          "a warm-up must take the samples of one update at least. Got ", samples, " samples with the batch size ",
          batch_size, ".");
  require(std::isfinite(start_rate) && start_rate >= 0, kWhere, "it must start from a rate of 0 or more. Got ",
          start_rate, ".");
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(spec);
  const double updates = static_cast<double>(samples) / static_cast<double>(batch_size);
  Config config = optimizer->config();
  if (const Schedule* schedule = optimizer->schedule()) {
    require(schedule->class_name() == "CosineDecay", kWhere,
            "Keras can say a warm-up before a constant rate or CosineDecay, no other schedule. Got ",
            schedule->class_name(), ".");
    config.set("learning_rate", before_cosine(*schedule, start_rate, updates));
  } else {
    config.set("learning_rate", rise(start_rate, optimizer->options().learning_rate, updates));
  }
  return Spec(std::string(optimizer->class_name()), config);
}

}  // namespace batchwise
