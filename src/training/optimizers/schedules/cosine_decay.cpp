// Cosine decay, after an optional linear warm-up.
#include <algorithm>
#include <cmath>

#include "training/optimizers/schedules/schedule_arguments.h"

namespace batchwise {
namespace {

constexpr const char* kClass = "CosineDecay";

class CosineDecaySchedule : public Schedule {
 public:
  explicit CosineDecaySchedule(const Config& config) {
    require_known_keys(config, kClass,
                       {"initial_learning_rate", "decay_steps", "alpha", "warmup_target", "warmup_steps", "name"});
    name_ = config.get("name", kClass);
    initial_ = read_required(config, "initial_learning_rate", kClass);
    steps_ = read_steps(config, "decay_steps", kClass);
    alpha_ = config.get("alpha", 0.0);
    warmup_ = config.get("warmup_steps", 0.0);
    const Config* target = config.find("warmup_target");
    warms_up_ = target && !target->is_null();
    if (warms_up_) target_ = target->as_number("warmup_target");
    require(warmup_ >= 0, kClass, "warmup_steps must not be negative. Got ", warmup_, ".");
    require(warms_up_ || warmup_ == 0, kClass, "warmup_steps have an effect only together with warmup_target. Got ",
            warmup_, " steps without it.");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    return Config::object({{"initial_learning_rate", initial_},
                           {"decay_steps", steps_config(steps_)},
                           {"alpha", alpha_},
                           {"warmup_target", warms_up_ ? Config(target_) : Config()},
                           {"warmup_steps", steps_config(warmup_)},
                           {"name", name_}});
  }
  std::vector<std::string> rate_keys() const override { return {"initial_learning_rate", "warmup_target"}; }
  std::vector<std::string> step_keys() const override { return {"decay_steps", "warmup_steps"}; }
  double rate(double step) const override {
    if (!warms_up_) return static_cast<float>(decayed(initial_, step));
    if (step < warmup_) return static_cast<float>((target_ - initial_) * (step / warmup_) + initial_);
    return static_cast<float>(decayed(target_, step - warmup_));
  }

 private:
  double decayed(double from, double step) const {
    const double cosine = 0.5 * (1 + std::cos(kPi * std::min(step, steps_) / steps_));
    return from * ((1 - alpha_) * cosine + alpha_);
  }

  std::string name_;
  double initial_, steps_, alpha_, target_ = 0, warmup_;
  bool warms_up_;
};

const Register<Schedule, CosineDecaySchedule> registered{
    kClass,
    {},
    {Config::object(
        {{"initial_learning_rate", 0.1}, {"decay_steps", 10}, {"warmup_target", 0.2}, {"warmup_steps", 5}})}};

}  // namespace

Spec CosineDecay(const CosineDecayOptions& options) {
  return {kClass, Config::object({{"initial_learning_rate", options.initial_learning_rate},
                                  {"decay_steps", options.decay_steps},
                                  {"alpha", options.alpha},
                                  {"warmup_target", options.warmup_target ? Config(*options.warmup_target) : Config()},
                                  {"warmup_steps", options.warmup_steps}})};
}

}  // namespace batchwise
