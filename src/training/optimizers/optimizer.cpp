// What all optimizers share: Keras's common arguments, and how optimizers and schedules are made from Specs.
#include <batchwise/optimizer.h>

#include <cmath>

#include "training/optimizers/keras_arguments.h"

namespace batchwise {
namespace {

// Keras writes null for "none".
double read_optional(const Config& config, const char* key, double otherwise, std::string_view where) {
  const Config* value = config.find(key);
  if (!value) return otherwise;
  const double number = value->is_null() ? 0 : value->as_number(key);
  require(std::isfinite(number) && number >= 0, where, key, " must be a number >= 0. Got ", number, ".");
  return number;
}

double read_clip(const Config& config, const char* key, std::string_view where) {
  const Config* value = config.find(key);
  if (!value || value->is_null()) return 0;
  const double number = value->as_number(key);
  require(number > 0, where, key, " must be positive. Got ", number, ".");
  return number;
}

Config number_or_null(double value) { return value == 0 ? Config() : Config(value); }
Config count_or_null(int64_t value) { return value == 0 ? Config() : Config(value); }

}  // namespace

Optimizer::Optimizer(const Config& config, const OptimizerOptions& defaults, std::string_view name)
    : options_(defaults), name_(config.get("name", std::string(name).c_str())) {
  const Config* rate = config.find("learning_rate");
  if (rate && rate->is_object()) {
    options_.schedule = spec_of(*rate, "learning_rate");
    schedule_ = make_schedule(options_.schedule);
    options_.learning_rate = schedule_->rate(0);
  } else if (rate && !rate->is_null()) {
    options_.learning_rate = rate->as_number("learning_rate");
    require(std::isfinite(options_.learning_rate) && options_.learning_rate >= 0, name,
            "learning_rate must be a number >= 0. Got ", options_.learning_rate, ".");
  }
  options_.weight_decay = read_optional(config, "weight_decay", defaults.weight_decay, name);
  options_.clipnorm = read_clip(config, "clipnorm", name);
  options_.global_clipnorm = read_clip(config, "global_clipnorm", name);
  options_.clipvalue = read_clip(config, "clipvalue", name);
  const int clips = (options_.clipnorm > 0) + (options_.global_clipnorm > 0) + (options_.clipvalue > 0);
  require(clips <= 1, name, "at most one of clipnorm, global_clipnorm and clipvalue may be set. Got ", clips, ".");
  options_.use_ema = config.get("use_ema", false);
  options_.ema_momentum = config.get("ema_momentum", 0.99);
  require(options_.ema_momentum >= 0 && options_.ema_momentum <= 1, name, "ema_momentum must lie in [0, 1]. Got ",
          options_.ema_momentum, ".");
  options_.ema_overwrite_frequency = config.get("ema_overwrite_frequency", 0);
  require(options_.ema_overwrite_frequency >= 0, name, "ema_overwrite_frequency must be a positive integer. Got ",
          options_.ema_overwrite_frequency, ".");
  options_.gradient_accumulation_steps = config.get("gradient_accumulation_steps", 0);
  require(options_.gradient_accumulation_steps == 0 || options_.gradient_accumulation_steps >= 2, name,
          "gradient_accumulation_steps must be 2 or more. Got ", options_.gradient_accumulation_steps,
          ". Leave it out for an update per batch.");
  options_.loss_scale_factor = read_clip(config, "loss_scale_factor", name);
}

Config Optimizer::base_config() const {
  return Config::object(
      {{"name", name_},
       {"learning_rate", schedule_ ? config_of(Spec(std::string(schedule_->class_name()), schedule_->config()))
                                   : Config(options_.learning_rate)},
       {"weight_decay", number_or_null(options_.weight_decay)},
       {"clipnorm", number_or_null(options_.clipnorm)},
       {"global_clipnorm", number_or_null(options_.global_clipnorm)},
       {"clipvalue", number_or_null(options_.clipvalue)},
       {"use_ema", options_.use_ema},
       {"ema_momentum", options_.ema_momentum},
       {"ema_overwrite_frequency", count_or_null(options_.ema_overwrite_frequency)},
       {"loss_scale_factor", number_or_null(options_.loss_scale_factor)},
       {"gradient_accumulation_steps", count_or_null(options_.gradient_accumulation_steps)}});
}

std::unique_ptr<Optimizer> make_optimizer(const Spec& spec) {
  return Registry<Optimizer>::instance().make(spec, "optimizer");
}
std::unique_ptr<Constraint> make_constraint(const Spec& spec) {
  return Registry<Constraint>::instance().make(spec, "constraint");
}
std::unique_ptr<Schedule> make_schedule(const Spec& spec) {
  return Registry<Schedule>::instance().make(spec, "schedule");
}

}  // namespace batchwise
