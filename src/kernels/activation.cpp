// Activations as kernels, by Keras name.
#include "kernels/activation.h"

#include <algorithm>
#include <limits>

#include <batchwise/registry.h>

#include "kernels/element_share.h"
#include "kernels/row_activation.h"
#include "kernels/simd/activation_table.h"

namespace batchwise {
namespace {

using Elementwise = ActivationFunction;

// The arguments that an activation may have, as Keras names them.
struct Argument {
  const char* activation;
  const char* key;
  double otherwise;
};
constexpr Argument kArguments[] = {
    {"leaky_relu", "negative_slope", 0.2},
    {"elu", "alpha", 1},
    {"celu", "alpha", 1},
    {"hard_shrink", "threshold", 0.5},
    {"soft_shrink", "threshold", 0.5},
    {"squareplus", "b", 4},
};

std::string keras_name(const std::string& name) {
  if (name == "swish") return "silu";
  if (name == "hard_swish") return "hard_silu";
  return name;
}

std::vector<std::string> known_names() {
  std::vector<std::string> names = {"linear", "softmax", "log_softmax", "sparsemax", "glu", "swish", "hard_swish"};
  for (const ActivationEntry& entry : activation_entries())
    if (const std::string name = entry.name; name != "bounded_relu" && name != "gelu_tanh") names.push_back(name);
  return names;
}

std::vector<std::string> argument_names(const std::string& name) {
  if (name == "relu") return {"negative_slope", "max_value", "threshold"};
  if (name == "gelu") return {"approximate"};
  std::vector<std::string> keys;
  for (const Argument& argument : kArguments)
    if (name == argument.activation) keys.push_back(argument.key);
  return keys;
}

Elementwise bounded_relu(const Config& config) {
  const double slope = config.get("negative_slope", 0.0), threshold = config.get("threshold", 0.0);
  const double max_value = config.get("max_value", std::numeric_limits<double>::infinity());
  require(slope >= 0, "relu", "negative_slope must be at least 0. Got ", slope, ".");
  require(max_value >= 0, "relu", "max_value must be at least 0. Got ", max_value, ".");
  require(threshold >= 0, "relu", "threshold must be at least 0. Got ", threshold, ".");
  const bool unbounded = max_value == std::numeric_limits<double>::infinity();
  if (unbounded && threshold == 0)
    return slope == 0 ? Elementwise{find_activation_entry("relu"), {}}
                      : Elementwise{find_activation_entry("leaky_relu"), {static_cast<float>(slope)}};
  return {
      find_activation_entry("bounded_relu"),
      {static_cast<float>(slope), unbounded ? std::numeric_limits<float>::infinity() : static_cast<float>(max_value),
       static_cast<float>(threshold)}};
}

Elementwise elementwise_of(const Spec& activation) {
  const std::string name = keras_name(activation.class_name);
  if (name == "relu") return bounded_relu(activation.config);
  if (name == "gelu")
    return {find_activation_entry(activation.config.get("approximate", false) ? "gelu_tanh" : "gelu"), {}};
  Elementwise found{find_activation_entry(name), {}};
  for (const Argument& argument : kArguments)
    if (name == argument.activation)
      found.parameters.a = static_cast<float>(activation.config.get(argument.key, argument.otherwise));
  if (name == "leaky_relu" || name == "elu")
    require(found.parameters.a >= 0, name, "the argument must be at least 0. Got ", found.parameters.a, ".");
  if (name == "celu")
    require(found.parameters.a > 0, name, "alpha must be greater than 0. Got ", found.parameters.a, ".");
  return found;
}

class ElementwiseKernel final : public Kernel {
 public:
  ElementwiseKernel(const Elementwise& function, const TensorType& type, int64_t grain)
      : function_(function), type_(type), grain_(grain) {
    const float zero = 0;
    float at_zero = 0;
    function.entry->forward(function.parameters, &zero, &at_zero, 1);
    zero_stays_ = at_zero == 0;
    if (type.channel_block && !zero_stays_) padded_from_ = static_cast<int>(type.shape.back() % type.channel_block);
  }
  std::string_view kind() const override { return function_.entry->name; }
  const Elementwise& function() const { return function_; }
  bool zero_stays() const { return zero_stays_; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  bool shares() const override { return padded_from_ == 0; }
  KernelNeeds needs() const override {
    return {.backward_inputs = !function_.entry->from_output,
            .backward_outputs = function_.entry->from_output,
            .in_place = true};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count());
    return {.flops = 10 * count, .bytes = 8 * count};
  }
  void forward(const ForwardCall& call) const override {
    float* y = static_cast<float*>(call.outputs[0]);
    const ElementShare mine(grain_ * type_.stored_count(), call.share);
    function_.entry->forward(function_.parameters, static_cast<const float*>(call.inputs[0]) + mine.first,
                             y + mine.first, mine.count);
    if (padded_from_) clear_padding(y);
  }
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    const void* point = function_.entry->from_output ? call.outputs[0] : call.inputs[0];
    float* dx = static_cast<float*>(call.input_gradients[0]);
    const int64_t valid = call.rows * type_.stored_count();
    function_.entry->backward(function_.parameters, static_cast<const float*>(call.output_gradients[0]),
                              static_cast<const float*>(point), dx, valid);
    std::fill(dx + valid, dx + grain_ * type_.stored_count(), 0.0f);  // where the slope is infinite, 0 would not stay 0
  }

 private:
  void clear_padding(float* y) const {
    const int64_t block = type_.channel_block, sample = type_.stored_count();
    const int64_t last = sample / ((type_.shape.back() + block - 1) / block);  // floats of the last block of channels
    for (int64_t row = 0; row < grain_; ++row)
      for (int64_t i = sample - last; i < sample; i += block)
        std::fill(y + row * sample + i + padded_from_, y + row * sample + i + block, 0.0f);
  }

  Elementwise function_;
  TensorType type_;
  int64_t grain_;
  bool zero_stays_ = true;  // f(0) = 0
  int padded_from_ = 0;     // first padded channel of the last block, where f(0) is not 0
};

}  // namespace

std::unique_ptr<Kernel> make_elementwise_kernel(const ActivationEntry& entry, const ActivationParameters& parameters,
                                                const TensorType& type, int64_t grain) {
  return std::make_unique<ElementwiseKernel>(Elementwise{&entry, parameters}, type, grain);
}

std::optional<float> rectifier_limit(const Kernel& kernel) {
  const auto* elementwise = dynamic_cast<const ElementwiseKernel*>(&kernel);
  if (!elementwise) return std::nullopt;
  const auto& [entry, parameters] = elementwise->function();
  const std::string_view name = entry->name;
  if (name == "relu") return std::numeric_limits<float>::infinity();
  if (name == "relu6") return 6.0f;
  if (name == "bounded_relu" && parameters.a == 0 && parameters.c == 0) return parameters.b;
  return std::nullopt;
}

std::optional<ActivationFunction> function_of_output(const Kernel& kernel) {
  const auto* elementwise = dynamic_cast<const ElementwiseKernel*>(&kernel);
  if (!elementwise || !elementwise->function().entry->from_output || !elementwise->zero_stays()) return std::nullopt;
  return elementwise->function();
}

bool is_linear(const Spec& activation) { return activation.empty() || activation.class_name == "linear"; }

void check_activation(const Spec& activation, std::string_view where) {
  if (is_linear(activation)) return;
  const std::vector<std::string> names = known_names();
  if (std::find(names.begin(), names.end(), activation.class_name) == names.end()) {
    const std::string near = nearest_name(activation.class_name, names);
    fail(where, "activation must be one that batchwise knows. Got \"", activation.class_name, "\".",
         near.empty() ? "" : " Did you mean \"" + near + "\"?");
  }
  if (!activation.config.is_object()) return;
  const std::vector<std::string> keys = argument_names(keras_name(activation.class_name));
  for (const auto& [key, value] : activation.config.as_object())
    require(std::find(keys.begin(), keys.end(), key) != keys.end(), where, "the activation \"", activation.class_name,
            "\" has no argument \"", key, "\". Got ", value.text(), ".");
  if (!is_row_activation(activation.class_name) && activation.class_name != "glu") elementwise_of(activation);
}

ActivationFunction elementwise_activation(const Spec& activation, std::string_view where) {
  check_activation(activation, where);
  if (is_linear(activation)) return {};
  require(!is_row_activation(activation.class_name) && activation.class_name != "glu", where,
          "the activation must be one of single values. Got \"", activation.class_name, "\".");
  return elementwise_of(activation);
}

std::unique_ptr<Kernel> make_activation_kernel(const Spec& activation, const TensorType& type, int64_t grain) {
  check_activation(activation, "activation");
  const std::string& name = activation.class_name;
  require(!is_linear(activation), "activation", "a linear activation needs no kernel. Got \"linear\".");
  if (!is_row_activation(name) && name != "glu")
    return std::make_unique<ElementwiseKernel>(elementwise_of(activation), type, grain);
  require(type.channel_block == 0 && type.shape.rank() >= 1, "activation", "\"", name,
          "\" needs plain rows. Got shape ", type.shape, ".");
  if (name == "glu") {
    require(type.shape.back() % 2 == 0, "glu", "the last axis must be even. Got ", type.shape, ".");
    return make_glu_kernel(type, grain);
  }
  const int last = type.shape.rank() - 1;
  return make_row_activation_kernel(name, type, grain, last, last);
}

Value lower_activation(Lowering& lowering, Value value, const Spec& activation) {
  if (is_linear(activation)) return value;
  if (is_row_activation(activation.class_name) || activation.class_name == "glu") value = lowering.plain(value);
  return lowering.add1(make_activation_kernel(activation, lowering.type(value), lowering.grain()), {value});
}

}  // namespace batchwise
