// Cosine decay that starts again and again, each time longer and lower.
#include <algorithm>
#include <cmath>

#include "training/optimizers/schedules/schedule_arguments.h"

namespace batchwise {
namespace {

constexpr const char* kClass = "CosineDecayRestarts";

class CosineDecayRestartsSchedule : public Schedule {
 public:
  explicit CosineDecayRestartsSchedule(const Config& config) {
    require_known_keys(config, kClass,
                       {"initial_learning_rate", "first_decay_steps", "t_mul", "m_mul", "alpha", "name"});
    name_ = config.get("name", kClass);
    initial_ = read_required(config, "initial_learning_rate", kClass);
    steps_ = read_steps(config, "first_decay_steps", kClass);
    longer_ = config.get("t_mul", 2.0);
    lower_ = config.get("m_mul", 1.0);
    alpha_ = config.get("alpha", 0.0);
    require(longer_ >= 1, kClass, "t_mul must be 1 or more. Got ", longer_, ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    return Config::object({{"initial_learning_rate", initial_},
                           {"first_decay_steps", steps_config(steps_)},
                           {"t_mul", longer_},
                           {"m_mul", lower_},
                           {"alpha", alpha_},
                           {"name", name_}});
  }
  std::vector<std::string> rate_keys() const override { return {"initial_learning_rate"}; }
  std::vector<std::string> step_keys() const override { return {"first_decay_steps"}; }
  double rate(double step) const override {
    double restarts, length = steps_, begin = 0;
    if (longer_ == 1) {
      restarts = std::floor(step / steps_);
      begin = restarts * steps_;
    } else {
      for (restarts = 0; step >= begin + length; ++restarts) {  // exact where a logarithm would round
        begin += length;
        length *= longer_;
      }
    }
    const double cosine = 0.5 * std::pow(lower_, restarts) * (1 + std::cos(kPi * (step - begin) / length));
    return static_cast<float>(initial_ * ((1 - alpha_) * cosine + alpha_));
  }

 private:
  std::string name_;
  double initial_, steps_, longer_, lower_, alpha_;
};

const Register<Schedule, CosineDecayRestartsSchedule> registered{
    kClass, {}, {Config::object({{"initial_learning_rate", 0.1}, {"first_decay_steps", 10}})}};

}  // namespace

Spec CosineDecayRestarts(const CosineDecayRestartsOptions& options) {
  return {kClass, Config::object({{"initial_learning_rate", options.initial_learning_rate},
                                  {"first_decay_steps", options.first_decay_steps},
                                  {"t_mul", options.t_mul},
                                  {"m_mul", options.m_mul},
                                  {"alpha", options.alpha}})};
}

}  // namespace batchwise
