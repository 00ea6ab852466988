// Polynomial decay to an end rate, once or in cycles.
#include <algorithm>
#include <cmath>

#include "training/optimizers/schedules/schedule_arguments.h"

namespace batchwise {
namespace {

constexpr const char* kClass = "PolynomialDecay";

class PolynomialDecaySchedule : public Schedule {
 public:
  explicit PolynomialDecaySchedule(const Config& config) {
    require_known_keys(config, kClass,
                       {"initial_learning_rate", "decay_steps", "end_learning_rate", "power", "cycle", "name"});
    name_ = config.get("name", kClass);
    initial_ = read_required(config, "initial_learning_rate", kClass);
    steps_ = read_steps(config, "decay_steps", kClass);
    end_ = config.get("end_learning_rate", 0.0001);
    power_ = config.get("power", 1.0);
    cycle_ = config.get("cycle", false);
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    return Config::object({{"initial_learning_rate", initial_},
                           {"decay_steps", steps_config(steps_)},
                           {"end_learning_rate", end_},
                           {"power", power_},
                           {"cycle", cycle_},
                           {"name", name_}});
  }
  std::vector<std::string> rate_keys() const override { return {"initial_learning_rate", "end_learning_rate"}; }
  std::vector<std::string> step_keys() const override { return {"decay_steps"}; }
  double rate(double step) const override {
    // In cycles the decay is stretched to the next multiple of decay_steps, so the rate jumps up after each.
    const double steps = cycle_ && step > 0 ? steps_ * std::ceil(step / steps_) : steps_;
    const double left = 1 - std::min(step, steps) / steps;
    return static_cast<float>((initial_ - end_) * std::pow(left, power_) + end_);
  }

 private:
  std::string name_;
  double initial_, steps_, end_, power_;
  bool cycle_;
};

const Register<Schedule, PolynomialDecaySchedule> registered{
    kClass, {}, {Config::object({{"initial_learning_rate", 0.1}, {"decay_steps", 10}, {"cycle", true}})}};

}  // namespace

Spec PolynomialDecay(const PolynomialDecayOptions& options) {
  return {kClass, Config::object({{"initial_learning_rate", options.initial_learning_rate},
                                  {"decay_steps", options.decay_steps},
                                  {"end_learning_rate", options.end_learning_rate},
                                  {"power", options.power},
                                  {"cycle", options.cycle}})};
}

}  // namespace batchwise
