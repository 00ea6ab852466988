// Weights, activations and dropout of cells with gates, as Keras names and defaults them.
#include "layers/gate_arguments.h"

#include "base/random.h"
#include "kernels/activation.h"

namespace batchwise {
namespace {

Spec spec_at(std::string_view layer, const Config& config, const char* key, const char* otherwise) {
  const Config* value = config.find(key);
  if (!value) return otherwise;
  return spec_of(*value, std::string(layer) + "." + key);
}

Config activation_config(const Spec& activation) {
  if (is_linear(activation)) return "linear";
  const bool named = !activation.config.is_object() || activation.config.as_object().empty();
  return named ? Config(activation.class_name) : config_of(activation);
}

double rate_at(std::string_view layer, const Config& config, const char* key) {
  const double rate = config.get(key, 0.0);
  require(rate >= 0 && rate < 1, layer, key, " must be in [0, 1). Got ", rate, ".");
  return rate;
}

}  // namespace

GateArguments::GateArguments(std::string_view layer, const Config& config, Cell cell)
    : has_recurrent_activation(cell != Cell::SimpleRnn),
      activation(spec_at(layer, config, "activation", "tanh")),
      recurrent_activation(spec_at(layer, config, "recurrent_activation", "sigmoid")),
      use_bias(config.get("use_bias", true)),
      unit_forget_bias(cell == Cell::Lstm && config.get("unit_forget_bias", true)),
      kernel_initializer(spec_at(layer, config, "kernel_initializer", "GlorotUniform")),
      recurrent_initializer(spec_at(layer, config, "recurrent_initializer", "Orthogonal")),
      bias_initializer(spec_at(layer, config, "bias_initializer", "Zeros")),
      kernel_regularizer(spec_at(layer, config, "kernel_regularizer", "")),
      recurrent_regularizer(spec_at(layer, config, "recurrent_regularizer", "")),
      bias_regularizer(spec_at(layer, config, "bias_regularizer", "")),
      kernel_constraint(spec_at(layer, config, "kernel_constraint", "")),
      recurrent_constraint(spec_at(layer, config, "recurrent_constraint", "")),
      bias_constraint(spec_at(layer, config, "bias_constraint", "")),
      dropout(rate_at(layer, config, "dropout")),
      recurrent_dropout(rate_at(layer, config, "recurrent_dropout")) {
  elementwise_activation(activation, layer);
  elementwise_activation(recurrent_activation, layer);
  if (const Config* stated = config.find("seed")) seed = *stated;
  require(seed.is_null() || seed.is_int(), layer, "seed must be null or an integer. Got ", seed.text(), ".");
}

void GateArguments::append_to(Config& config, Cell cell) const {
  config.set("activation", activation_config(activation));
  if (has_recurrent_activation) config.set("recurrent_activation", activation_config(recurrent_activation));
  config.set("use_bias", use_bias);
  config.set("kernel_initializer", config_of(kernel_initializer));
  config.set("recurrent_initializer", config_of(recurrent_initializer));
  config.set("bias_initializer", config_of(bias_initializer));
  if (cell == Cell::Lstm) config.set("unit_forget_bias", unit_forget_bias);
  config.set("kernel_regularizer", config_of(kernel_regularizer));
  config.set("recurrent_regularizer", config_of(recurrent_regularizer));
  config.set("bias_regularizer", config_of(bias_regularizer));
  config.set("kernel_constraint", config_of(kernel_constraint));
  config.set("recurrent_constraint", config_of(recurrent_constraint));
  config.set("bias_constraint", config_of(bias_constraint));
  config.set("dropout", dropout);
  config.set("recurrent_dropout", recurrent_dropout);
  config.set("seed", seed);
}

std::vector<VariableSpec> GateArguments::variables(const Shape& kernel, const Shape& recurrent_kernel,
                                                   const Shape& bias) const {
  std::vector<VariableSpec> all = {{.name = "kernel",
                                    .shape = kernel,
                                    .initializer = kernel_initializer,
                                    .regularizer = kernel_regularizer,
                                    .constraint = kernel_constraint},
                                   {.name = "recurrent_kernel",
                                    .shape = recurrent_kernel,
                                    .initializer = recurrent_initializer,
                                    .regularizer = recurrent_regularizer,
                                    .constraint = recurrent_constraint}};
  const Spec forget{"UnitForgetBias", Config::object({{"bias_initializer", config_of(bias_initializer)}})};
  if (use_bias)
    all.push_back({.name = "bias",
                   .shape = bias,
                   .initializer = unit_forget_bias ? forget : bias_initializer,
                   .regularizer = bias_regularizer,
                   .constraint = bias_constraint});
  return all;
}

std::vector<std::string> GateArguments::names() const {
  std::vector<std::string> names{"kernel", "recurrent_kernel"};
  if (use_bias) names.emplace_back("bias");
  return names;
}

RecurrenceOptions GateArguments::recurrence(Lowering& lowering, Value sequence, Value mask,
                                            std::span<const Value> states) const {
  RecurrenceOptions options;
  options.input = lowering.type(sequence);
  options.grain = lowering.grain();
  options.bfloat16 = lowering.bfloat16();
  options.activation = elementwise_activation(activation, "activation");
  options.recurrent_activation =
      elementwise_activation(has_recurrent_activation ? recurrent_activation : Spec("sigmoid"), "recurrent_activation");
  options.bias = use_bias;
  options.masked = mask.index >= 0;
  options.initial_states = !states.empty();
  if (lowering.training()) {
    options.dropout = dropout;
    options.recurrent_dropout = recurrent_dropout;
  }
  options.key =
      seed.is_null() ? lowering.layer_key() : mix(lowering.layer_key(), static_cast<uint64_t>(seed.as_int("seed")));
  options.learns = lowering.learns() || lowering.wants_gradient(sequence);
  for (const Value state : states) options.learns = options.learns || lowering.wants_gradient(state);
  return options;
}

}  // namespace batchwise
