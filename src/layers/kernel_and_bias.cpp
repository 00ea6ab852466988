// The arguments of a kernel and a bias.
#include "layers/kernel_and_bias.h"

#include "kernels/activation.h"
#include "kernels/activity_penalty.h"

namespace batchwise {
namespace {

Spec spec_at(std::string_view layer, const Config& config, const char* key, const char* otherwise = "") {
  const Config* value = config.find(key);
  if (!value || value->is_null()) return otherwise;
  return spec_of(*value, std::string(layer) + "." + key);
}

Config activation_config(const Spec& activation) {
  if (is_linear(activation)) return "linear";
  const bool named = !activation.config.is_object() || activation.config.as_object().empty();
  return named ? Config(activation.class_name) : config_of(activation);
}

}  // namespace

KernelAndBias::KernelAndBias(std::string_view layer, const Config& config)
    : activation(spec_at(layer, config, "activation")),
      use_bias(config.get("use_bias", true)),
      kernel_initializer(spec_at(layer, config, "kernel_initializer", "GlorotUniform")),
      bias_initializer(spec_at(layer, config, "bias_initializer", "Zeros")),
      kernel_regularizer(spec_at(layer, config, "kernel_regularizer")),
      bias_regularizer(spec_at(layer, config, "bias_regularizer")),
      activity_regularizer(spec_at(layer, config, "activity_regularizer")),
      kernel_constraint(spec_at(layer, config, "kernel_constraint")),
      bias_constraint(spec_at(layer, config, "bias_constraint")) {
  check_activation(activation, layer);
  if (!activity_regularizer.empty()) check_activity_regularizer(activity_regularizer, layer);
}

void KernelAndBias::append_to(Config& config) const {
  config.set("activation", activation_config(activation));
  config.set("use_bias", use_bias);
  config.set("kernel_initializer", config_of(kernel_initializer));
  config.set("bias_initializer", config_of(bias_initializer));
  config.set("kernel_regularizer", config_of(kernel_regularizer));
  config.set("bias_regularizer", config_of(bias_regularizer));
  config.set("activity_regularizer", config_of(activity_regularizer));
  config.set("kernel_constraint", config_of(kernel_constraint));
  config.set("bias_constraint", config_of(bias_constraint));
}

std::vector<VariableSpec> KernelAndBias::variables(const Shape& kernel, int64_t outputs) const {
  std::vector<VariableSpec> all = {{.name = "kernel",
                                    .shape = kernel,
                                    .initializer = kernel_initializer,
                                    .regularizer = kernel_regularizer,
                                    .constraint = kernel_constraint}};
  if (use_bias)
    all.push_back({.name = "bias",
                   .shape = {outputs},
                   .initializer = bias_initializer,
                   .regularizer = bias_regularizer,
                   .constraint = bias_constraint});
  return all;
}

std::vector<std::string> KernelAndBias::names() const {
  return use_bias ? std::vector<std::string>{"kernel", "bias"} : std::vector<std::string>{"kernel"};
}

bool KernelAndBias::plain_relu() const {
  return activation.class_name == "relu" && (!activation.config.is_object() || activation.config.as_object().empty());
}

Value KernelAndBias::finish(Lowering& lowering, Value value) const { return finish(lowering, value, plain_relu()); }

Value KernelAndBias::finish(Lowering& lowering, Value value, bool activated) const {
  if (!activated) value = lower_activation(lowering, value, activation);
  return lower_activity_penalty(lowering, value, activity_regularizer);
}

}  // namespace batchwise
