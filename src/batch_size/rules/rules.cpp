// What an optimizer must change when the batch size does.
#include <batchwise/rules.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include <batchwise/error.h>
#include <batchwise/model.h>
#include <batchwise/optimizer.h>

#include "base/number_text.h"

namespace batchwise {
namespace {

constexpr const char* kWhere = "rules";
// How near to 1 a decay may come: corrections of bias are made of its 32-bit float, which is off by an eighth there.
constexpr double kLeastRest = 0x1p-22;

// A number that optimizers compute with must not vanish or overflow in 32 bits.
double scaled(const std::string& key, double value, double factor) {
  const double after = value * factor, size = std::fabs(after);
  require(value == 0 || (size >= std::numeric_limits<float>::min() && size <= std::numeric_limits<float>::max()),
          kWhere, key, " must stay a number that 32 bits hold. Got ", value, ", which would become ", after,
          ". Change the batch size by less.");
  return after;
}

// The power of k that a rule's learning rate goes with.
std::optional<double> power_of(const std::string& rule) {
  if (rule == "linear") return 1.0;
  if (rule == "square_root") return 0.5;
  if (rule == "constant") return 0.0;
  return std::nullopt;
}

// The rule to follow: `asked`, when it suits the optimizer.
std::string suiting(const Optimizer& optimizer, const BatchSizeRule& own, const std::string& asked) {
  require(asked == "auto" || asked == "none" || power_of(asked), kWhere,
          "the rule must be \"auto\", \"linear\", \"square_root\", \"constant\" or \"none\". Got \"", asked, "\".");
  if (asked == "none") return asked;
  require(!own.name.empty(), kWhere, "no rule is known for ", optimizer.class_name(),
          " with these arguments: its rule must be \"none\". Got \"", asked, "\".");
  require(asked == "auto" || asked == own.name, kWhere, "the rule must suit ", optimizer.class_name(), ": \"", own.name,
          "\", ", own.reason, ". Got \"", asked, "\".");
  return own.name;
}

// The arguments of an optimizer while they change.
class Arguments {
 public:
  Arguments(Config config, std::string prefix, const BatchSizeChange& change, std::vector<ChangedNumber>& changes)
      : config_(std::move(config)), prefix_(std::move(prefix)), change_(change), changes_(changes) {}

  const Config& config() const { return config_; }

  void times(const std::string& key, double factor) {
    const Config* value = config_.find(key);
    if (!value || value->is_null() || factor == 1) return;
    if (!value->is_list()) return set(key, value->as_number(key), scaled(prefix_ + key, value->as_number(key), factor));
    Config::List all;
    for (const Config& item : value->as_list()) all.emplace_back(scaled(prefix_ + key, item.as_number(key), factor));
    changes_.push_back({prefix_ + key, value->as_list().empty() ? 0 : value->as_list().front().as_number(key),
                        all.empty() ? 0 : all.front().as_number(key)});
    config_.set(key, all);
  }
  void raise(const std::string& key, double power) {
    const double before = config_.at(key).as_number(key);
    set(key, before, std::pow(before, power));
  }
  // Of decays that will be raised: the longest memory decides, so that what the refusal advises is enough for all.
  void require_told_from_1(const std::vector<std::string>& keys, double power) const {
    std::string key;
    double before = 0;
    for (const std::string& each : keys)
      if (const double decay = config_.at(each).as_number(each); decay < 1 && decay > before)
        key = each, before = decay;
    if (power >= 1 || key.empty()) return;
    const double rest = 1 - std::pow(before, power);
    const double least = std::log1p(-kLeastRest) / std::log(before);  // the smallest power
    require(rest >= kLeastRest, kWhere, "1 - ", prefix_, key, " must stay at least ", rounded_number(kLeastRest),
            ", which 32-bit floats can tell from 0. Got ", rounded_number(1 - before), ", which would become ",
            rounded_number(rest), " from batch size ", change_.from, " to ", change_.to,
            ". Give a batch size of at least ",
            static_cast<int64_t>(std::ceil(least * static_cast<double>(change_.from))),
            ", or settings that are meant for one of at most ",
            static_cast<int64_t>(std::min(static_cast<double>(change_.to) / least, 0x1p62)), ".");
  }
  // A number of updates that must stay whole.
  void count(const std::string& key, double factor) {
    const Config* value = config_.find(key);
    if (!value || value->is_null() || value->as_number(key) == 0) return;
    const double after = value->as_number(key) * factor;
    require(after >= 1 && std::fabs(after - std::round(after)) < 1e-9 * after, kWhere, prefix_, key,
            " counts updates: there must be a whole number of them for the same samples. Got ", value->as_number(key),
            ", which would become ", after, ".");
    changes_.push_back({prefix_ + key, value->as_number(key), std::round(after)});
    config_.set(key, static_cast<int64_t>(std::round(after)));
  }
  void replace(const std::string& key, Config value) { config_.set(key, std::move(value)); }

 private:
  void set(const std::string& key, double before, double after) {
    if (before == after) return;
    changes_.push_back({prefix_ + key, before, after});
    config_.set(key, after);
  }

  Config config_;
  std::string prefix_;
  const BatchSizeChange& change_;
  std::vector<ChangedNumber>& changes_;
};

Config changed_schedule(const Schedule& schedule, const BatchSizeChange& change, double rate_factor, double step_factor,
                        std::vector<ChangedNumber>& changes) {
  const std::vector<std::string> rates = schedule.rate_keys(), steps = schedule.step_keys();
  require(!rates.empty(), kWhere, "a schedule must say which of its arguments are rates. Got ", schedule.class_name(),
          ".");
  Arguments arguments(schedule.config(), "learning_rate.", change, changes);
  for (const std::string& key : rates) arguments.times(key, rate_factor);
  for (const std::string& key : steps) arguments.times(key, step_factor);
  return config_of(Spec(std::string(schedule.class_name()), arguments.config()));
}

double grown(const BatchSizeChange& change, int64_t to) {
  return static_cast<double>(to) / static_cast<double>(change.from);
}

// Which rule is followed, and the factor of learning rates.
std::pair<std::string, double> followed(const Optimizer& optimizer, const BatchSizeRule& own,
                                        const BatchSizeChange& change) {
  require(change.from >= 1 && change.to >= 1 && change.schedule_to >= 0, kWhere, "batch sizes must be at least 1. Got ",
          change.from, " and ", change.to, ".");
  const std::string rule = suiting(optimizer, own, change.rule);
  return {rule, rule == "none" ? 1 : std::pow(grown(change, change.to), *power_of(rule))};
}

}  // namespace

double rate_factor(const Spec& spec, const BatchSizeChange& change) {
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(spec);
  return followed(*optimizer, optimizer->batch_size_rule(), change).second;
}

ChangedOptimizer change_batch_size(const Spec& spec, const BatchSizeChange& change) {
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(spec);
  const BatchSizeRule own = optimizer->batch_size_rule();
  ChangedOptimizer changed;
  std::tie(changed.rule, changed.rate_factor) = followed(*optimizer, own, change);
  if (changed.rule == "none") {
    changed.optimizer = spec;
    return changed;
  }
  const double k = grown(change, change.to);
  const OptimizerOptions& options = optimizer->options();

  Arguments arguments(optimizer->config(), "", change, changed.changes);
  if (const Schedule* schedule = optimizer->schedule())
    arguments.replace(
        "learning_rate",
        changed_schedule(*schedule, change, changed.rate_factor,
                         1 / grown(change, change.schedule_to > 0 ? change.schedule_to : change.to), changed.changes));
  else arguments.times("learning_rate", changed.rate_factor);
  std::vector<std::string> decays = own.decays;
  if (options.use_ema) decays.emplace_back("ema_momentum");
  arguments.require_told_from_1(decays, k);
  for (const std::string& key : decays) arguments.raise(key, k);
  for (const auto& [key, power] : own.powers) arguments.times(key, std::pow(k, power));
  for (const std::string& key : own.counts) arguments.count(key, 1 / k);
  // A weight shrinks by decay times rate with every update.
  arguments.times("weight_decay", k / changed.rate_factor);
  if (options.use_ema) arguments.count("ema_overwrite_frequency", 1 / k);
  changed.optimizer = Spec(std::string(optimizer->class_name()), arguments.config());
  return changed;
}

ChangedOptimizer change_batch_size(Model& model, const BatchSizeChange& change) {
  require(model.compiled().has_value(), kWhere, "the model must be compiled first. Got one that is not.");
  CompileOptions options = *model.compiled();
  ChangedOptimizer changed = change_batch_size(options.optimizer, change);
  if (changed.rule == "none") return changed;
  options.optimizer = changed.optimizer;
  OptimizerState state = model.optimizer_state();
  state.learning_rate *= changed.rate_factor;
  model.compile(options);
  model.optimizer_state() = std::move(state);
  return changed;
}

}  // namespace batchwise
