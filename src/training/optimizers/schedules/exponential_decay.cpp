// Exponential decay: the rate times decay_rate^(step / decay_steps).
#include <cmath>

#include "training/optimizers/schedules/schedule_arguments.h"

namespace batchwise {
namespace {

constexpr const char* kClass = "ExponentialDecay";

class ExponentialDecaySchedule : public Schedule {
 public:
  explicit ExponentialDecaySchedule(const Config& config) {
    require_known_keys(config, kClass, {"initial_learning_rate", "decay_steps", "decay_rate", "staircase", "name"});
    name_ = config.get("name", kClass);
    initial_ = read_required(config, "initial_learning_rate", kClass);
    steps_ = read_steps(config, "decay_steps", kClass);
    decay_ = read_required(config, "decay_rate", kClass);
    staircase_ = config.get("staircase", false);
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    return Config::object({{"initial_learning_rate", initial_},
                           {"decay_steps", steps_config(steps_)},
                           {"decay_rate", decay_},
                           {"staircase", staircase_},
                           {"name", name_}});
  }
  std::vector<std::string> rate_keys() const override { return {"initial_learning_rate"}; }
  std::vector<std::string> step_keys() const override { return {"decay_steps"}; }
  double rate(double step) const override {
    const double fraction = step / steps_;
    return static_cast<float>(initial_ * std::pow(decay_, staircase_ ? std::floor(fraction) : fraction));
  }

 private:
  std::string name_;
  double initial_, steps_, decay_;
  bool staircase_;
};

const Register<Schedule, ExponentialDecaySchedule> registered{
    kClass, {}, {Config::object({{"initial_learning_rate", 0.1}, {"decay_steps", 10}, {"decay_rate", 0.9}})}};

}  // namespace

Spec ExponentialDecay(const ExponentialDecayOptions& options) {
  return {kClass, Config::object({{"initial_learning_rate", options.initial_learning_rate},
                                  {"decay_steps", options.decay_steps},
                                  {"decay_rate", options.decay_rate},
                                  {"staircase", options.staircase}})};
}

}  // namespace batchwise
