// Rates that hold up to given steps.
#include <algorithm>
#include <vector>

#include "training/optimizers/schedules/schedule_arguments.h"

namespace batchwise {
namespace {

constexpr const char* kClass = "PiecewiseConstantDecay";

class PiecewiseConstantDecaySchedule : public Schedule {
 public:
  explicit PiecewiseConstantDecaySchedule(const Config& config) {
    require_known_keys(config, kClass, {"boundaries", "values", "name"});
    name_ = config.get("name", kClass);
    boundaries_ = numbers(config.at("boundaries"), "boundaries");
    values_ = numbers(config.at("values"), "values");
    require(values_.size() == boundaries_.size() + 1, kClass, "values must be one more than boundaries. Got ",
            values_.size(), " and ", boundaries_.size(), ".");
    require(std::is_sorted(boundaries_.begin(), boundaries_.end()), kClass, "boundaries must rise. Got ",
            config.at("boundaries").text(), ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    return Config::object({{"boundaries", list(boundaries_, true)}, {"values", list(values_, false)}, {"name", name_}});
  }
  std::vector<std::string> rate_keys() const override { return {"values"}; }
  std::vector<std::string> step_keys() const override { return {"boundaries"}; }
  double rate(double step) const override {
    const auto at = std::lower_bound(boundaries_.begin(), boundaries_.end(),
                                     step);  // a boundary itself belongs to the value before
    return static_cast<float>(values_[static_cast<size_t>(at - boundaries_.begin())]);
  }

 private:
  static std::vector<double> numbers(const Config& config, const char* key) {
    std::vector<double> out;
    for (const Config& item : config.as_list(key)) out.push_back(item.as_number(key));
    return out;
  }
  static Config list(const std::vector<double>& numbers, bool steps) {
    Config::List out;
    for (double number : numbers) out.push_back(steps ? steps_config(number) : Config(number));
    return out;
  }

  std::string name_;
  std::vector<double> boundaries_, values_;
};

const Register<Schedule, PiecewiseConstantDecaySchedule> registered{
    kClass, {}, {Config::object({{"boundaries", Config::List{5, 10}}, {"values", Config::List{0.1, 0.05, 0.01}}})}};

}  // namespace

Spec PiecewiseConstantDecay(const PiecewiseConstantDecayOptions& options) {
  Config::List values;
  for (float value : options.values) values.emplace_back(value);
  return {kClass, Config::object({{"boundaries", options.boundaries}, {"values", values}})};
}

}  // namespace batchwise
