// How an optimizer follows the batch size.
#include "cli/rule_choice.h"

#include <batchwise/error.h>
#include <batchwise/optimizer.h>
#include <batchwise/rules.h>

namespace batchwise {

void declare_rule(Arguments& a, std::string& rule) {
  a.text("--rule", rule, "RULE",
         "How the optimizer follows the batch size: auto, linear, square_root, constant, none. auto is the one that "
         "suits it");
}

void RuleChoice::declare(Arguments& a) {
  declare_rule(a, rule);
  a.integer("--rule-from", from, 1, "The batch size that the optimizer's settings are meant for: --rule starts there");
  a.integer("--warm-up", warm_up, 1, "Samples over which the learning rate rises to its value");
  a.needs("--rule", "--rule-from");
  a.needs("--rule-from", "--rule");
}

void RuleChoice::check() const {
  if (!rule.empty()) check_rule_name("--rule", rule);
}

void check_rule_name(const std::string& option, const std::string& rule) {
  for (const char* known : {"auto", "linear", "square_root", "constant", "none"})
    if (rule == known) return;
  fail(option, "the rule must be auto, linear, square_root, constant or none. Got \"", rule, "\".");
}

Config RuleChoice::config() const {
  return Config::object({{"rule", rule}, {"from", from}, {"warm_up", warm_up}, {"compiled_for", compiled_for}});
}

RuleChoice RuleChoice::from_config(const Config& config) {
  return {config.get("rule", ""), config.get("from", 0), config.get("warm_up", 0), config.get("compiled_for", 0)};
}

void RuleChoice::apply(Model& model, int64_t batch_size) {
  compiled_for = batch_size;
  const double own_rate = make_optimizer(model.compiled()->optimizer)->options().learning_rate;
  ChangedOptimizer changed;
  if (!rule.empty()) changed = change_batch_size(model, {.from = from, .to = batch_size, .rule = rule});
  if (warm_up == 0) return;
  require(
      model.optimizer_state().iterations == 0, "--warm-up",
      "the optimizer must not have made updates yet: a warm-up would be over before it began. Got a model file with ",
      model.optimizer_state().iterations, " updates.");
  CompileOptions options = *model.compiled();
  // From the rate that was meant for smaller batches to the one for these.
  options.optimizer =
      batchwise::warm_up(options.optimizer, warm_up, batch_size, changed.rate_factor > 1 ? own_rate : 0);
  model.compile(options);
}

double RuleChoice::apply_at_resume(Model& model, int64_t batch_size, int64_t checkpoint_batch) {
  if (rule.empty() || rule == "none") {
    compiled_for = batch_size;
    return 1;
  }
  const Spec started = model.compiled()->optimizer;
  // A run that goes on counts its schedule in updates of the batch size that it began with.
  change_batch_size(model, {.from = compiled_for,
                            .to = batch_size,
                            .rule = rule,
                            .schedule_to = checkpoint_batch > 0 ? compiled_for : batch_size});
  if (checkpoint_batch == 0) return 1;
  return rate_factor(started, {.from = checkpoint_batch, .to = batch_size, .rule = rule});
}

}  // namespace batchwise
