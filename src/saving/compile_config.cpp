// The settings of compile as Keras's compile_config states them, both ways.
#include "saving/compile_config.h"

#include <algorithm>
#include <cmath>

#include <batchwise/error.h>
#include <batchwise/loss.h>
#include <batchwise/metric.h>
#include <batchwise/optimizer.h>

#include "base/known_keys.h"
#include "saving/keras_object.h"
#include "saving/makeable.h"
#include "saving/nesting.h"
#include "saving/optimizer_variables.h"
#include "training/metrics/metric_words.h"

namespace batchwise {
namespace {

Config optimizer_object(const Spec& spec, const OptimizerState& state) {
  const std::unique_ptr<Optimizer> optimizer = make_optimizer(spec);
  Config config = optimizer->config();
  if (const Schedule* schedule = optimizer->schedule())
    config.set("learning_rate", keras_object("keras.optimizers.schedules", schedule->class_name(), schedule->config()));
  else if (const std::optional<double> rate = learning_rate_of(state)) config.set("learning_rate", *rate);
  return keras_object("keras.optimizers", optimizer->class_name(), std::move(config));
}

Config spec_list(std::string_view module, const std::vector<Spec>& specs) {
  Config::List all;
  for (const Spec& spec : specs) all.push_back(name_or_object(module, spec));
  return all;
}

// As the model nests its outputs: a list, or an object where they have names.
Config by_output(const Model& model, const Config::List& all) { return nested(model.output_structure(), all); }

// For one output a flat list; for several a list per output, as Keras wants it.
Config metrics_config(const std::vector<std::vector<Spec>>& per_output, const std::vector<Spec>& for_all,
                      const Model& model) {
  const size_t outputs = model.outputs().size();
  if (per_output.empty() && for_all.empty()) return {};
  if (outputs == 1) return spec_list("keras.metrics", per_output.empty() ? for_all : per_output.front());
  Config::List lists;
  for (size_t i = 0; i < outputs; ++i)
    lists.push_back(spec_list("keras.metrics", per_output.empty() ? for_all : per_output[i]));
  return by_output(model, lists);
}

bool is_spec(const Config& value) { return value.is_string() || value.find("class_name") != nullptr; }
bool is_loss(const Config& value) { return value.is_null() || is_spec(value); }
bool is_weight(const Config& value) { return value.is_null() || value.is_number(); }
bool is_metrics(const Config& value) {
  return is_loss(value) || (value.is_list() && std::all_of(value.as_list().begin(), value.as_list().end(), is_loss));
}

bool is_nested_as_outputs(const Config& value, const Model& model, const std::string& where, const IsOne& is_one) {
  return !model.output_structure().is_null() &&
         read_nesting(value, is_one, where).structure == model.output_structure();
}

// A setting per output: a list in their order, an object by their names, or nested as they are. One entry per output;
// null where nothing is said.
std::vector<Config> per_output(const Config& value, const Model& model, const std::string& where, const IsOne& is_one) {
  const std::vector<std::string> names = model.output_names();
  std::vector<Config> all(names.size());
  if (is_nested_as_outputs(value, model, where, is_one)) return read_nesting(value, is_one, where).flat;
  if (value.is_list()) {
    require(value.as_list().size() == names.size(), where, "a list must have one entry per output, ", names.size(),
            ". Got ", value.as_list().size(), ".");
    return value.as_list();
  }
  for (const auto& [name, item] : value.as_object(where)) {
    size_t i = 0;
    while (i < names.size() && names[i] != name) ++i;
    require(i < names.size(), where, "a key must be the name of an output. Got \"", name, "\".");
    all[i] = item;
  }
  return all;
}

// Losses and metrics are tried where they are read: a model may be written again without ever being trained.
Spec read_loss(const Config& value, const std::string& where) {
  Spec spec = spec_of_object(value, where);
  require_makeable<Loss>(spec, where);
  return spec;
}

Spec read_metric(const Config& value, const std::string& where) {
  Spec spec = spec_of_object(value, where);
  if (!goes_by_shapes(spec)) require_makeable<Metric>(spec, where);
  return spec;
}

std::vector<Spec> read_specs(const Config& value, const std::string& where) {
  std::vector<Spec> specs;
  if (value.is_null()) return specs;
  if (!value.is_list()) return {read_metric(value, where)};
  for (const Config& item : value.as_list())
    if (!item.is_null()) specs.push_back(read_metric(item, where));
  return specs;
}

void read_losses(const Config& value, const Model& model, const std::string& where, CompileOptions& options) {
  if (value.is_null()) return;
  if (is_spec(value)) {
    options.loss = read_loss(value, where);
    return;
  }
  for (const Config& item : per_output(value, model, where, is_loss))
    options.losses.push_back(item.is_null() ? Spec() : read_loss(item, where));
  if (options.losses.size() == 1) {
    options.loss = options.losses.front();
    options.losses.clear();
  }
}

std::vector<double> read_loss_weights(const Config& value, const Model& model, const CompileOptions& options,
                                      const std::string& where) {
  std::vector<double> weights;
  if (value.is_null()) return weights;
  const std::vector<std::string> names = model.output_names();
  if (value.is_number()) {
    require(names.size() == 1, where, "every output needs a weight, ", names.size(), ". Got ", value.text(), ".");
    return {value.as_number(where)};
  }
  // As in Keras, names of outputs are all stated or none.
  if (value.is_object() && !is_nested_as_outputs(value, model, where, is_weight))
    for (size_t o = 0; o < names.size(); ++o) {
      const bool learns = options.losses.empty() || !options.losses[o].empty();
      require(!learns || value.find(names[o]), where, "every output with a loss needs a weight. Got none for \"",
              names[o], "\".");
    }
  for (const Config& item : per_output(value, model, where, is_weight))
    weights.push_back(item.is_null() ? 1.0 : item.as_number(where));
  return weights;
}

// Metrics of one output are a flat list of specs; of several, a list (or object) of lists.
void read_metrics(const Config& value, const Model& model, const std::string& where, CompileOptions& options) {
  if (value.is_null()) return;
  if (model.outputs().size() == 1 && !value.is_object()) {
    const bool nested = value.is_list() && value.as_list().size() == 1 && value.as_list().front().is_list();
    options.metrics = read_specs(nested ? value.as_list().front() : value, where);
    return;
  }
  if (is_spec(value)) {
    options.metrics = read_specs(value, where);
    return;
  }
  for (const Config& item : per_output(value, model, where, is_metrics))
    options.output_metrics.push_back(read_specs(item, where));
  if (options.output_metrics.size() == 1) {
    options.metrics = options.output_metrics.front();
    options.output_metrics.clear();
  }
}

// LossScaleOptimizer multiplies the loss by a power of two and divides the gradients by it, which changes nothing where
// numbers have the exponents of float32: its inner optimizer makes the same updates.
Spec without_loss_scale(const Spec& optimizer, const std::string& where) {
  if (optimizer.class_name != "LossScaleOptimizer") return optimizer;
  for (const auto& [key, value] : optimizer.config.as_object(where)) {
    if (key == "name" || key == "inner_optimizer" || key == "dynamic_growth_steps") continue;
    if (key == "initial_scale") {
      int exponent = 0;
      require(std::frexp(value.as_number(where), &exponent) == 0.5, where,
              "initial_scale of LossScaleOptimizer must be a power of two. Got ", value.text(), ".");
      continue;
    }
    // What files of before state although it never did anything.
    require(value.is_null() || value == Config(false) || key == "ema_momentum" || key == "learning_rate", where,
            "LossScaleOptimizer must leave ", key, " to the optimizer inside. Got ", value.text().substr(0, 100), ".");
  }
  return spec_of_object(optimizer.config.at("inner_optimizer"), where);
}

}  // namespace

Config compile_config(const Model& model) {
  if (!model.compiled()) return Config(Config::Object{});
  const CompileOptions& options = *model.compiled();
  Config::List weights;
  for (double weight : options.loss_weights) weights.emplace_back(weight);
  return Config::object(
      {{"optimizer", optimizer_object(options.optimizer, model.optimizer_state())},
       {"loss", options.losses.empty() ? name_or_object("keras.losses", options.loss)
                                       : by_output(model, spec_list("keras.losses", options.losses).as_list())},
       {"loss_weights", weights.empty() ? Config() : by_output(model, weights)},
       {"metrics", metrics_config(options.output_metrics, options.metrics, model)},
       {"weighted_metrics", metrics_config(options.output_weighted_metrics, options.weighted_metrics, model)},
       {"run_eagerly", false},
       {"steps_per_execution", 1},
       {"jit_compile", false}});
}

std::optional<CompileOptions> read_compile_config(const Config* config, const Model& model, const std::string& where) {
  if (!config || config->is_null()) return std::nullopt;
  const std::string settings = where + ": compile_config";
  if (config->as_object(settings).empty()) return std::nullopt;
  require_known_keys(*config, settings,
                     {"optimizer", "loss", "loss_weights", "metrics", "weighted_metrics", "run_eagerly",
                      "steps_per_execution", "jit_compile"});
  require(config->find("optimizer") != nullptr, settings, "an optimizer must be stated. Got ",
          config->text().substr(0, 100), ".");
  const Config nothing;
  const auto value_of = [&](const char* key) -> const Config& {
    const Config* value = config->find(key);
    return value ? *value : nothing;
  };
  CompileOptions options;
  const std::string at = where + ": optimizer";
  options.optimizer = without_loss_scale(spec_of_object(value_of("optimizer"), at), at);
  if (const Config* rate = options.optimizer.config.find("learning_rate"); rate && rate->is_object())
    options.optimizer.config.set("learning_rate", config_of(spec_of_object(*rate, where + ": learning_rate")));
  try {
    make_optimizer(options.optimizer);
  } catch (const Error& error) { fail(at, error.what()); }
  read_losses(value_of("loss"), model, where + ": loss", options);
  options.loss_weights = read_loss_weights(value_of("loss_weights"), model, options, where + ": loss_weights");
  read_metrics(value_of("metrics"), model, where + ": metrics", options);
  CompileOptions weighted;
  read_metrics(value_of("weighted_metrics"), model, where + ": weighted_metrics", weighted);
  options.output_weighted_metrics = weighted.output_metrics;
  options.weighted_metrics = weighted.metrics;
  return options;
}

}  // namespace batchwise
