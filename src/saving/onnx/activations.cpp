// Activation functions and layers in ONNX operators.
#include <cmath>
#include <map>

#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

class Expression {
 public:
  explicit Expression(OnnxGraph& graph) : graph_(graph) {}
  std::string number(double value) { return graph_.number(static_cast<float>(value)); }
  std::string times(const std::string& a, const std::string& b) { return graph_.node("Mul", {a, b}); }
  std::string plus(const std::string& a, const std::string& b) { return graph_.node("Add", {a, b}); }
  std::string clip(const std::string& x, double low, double high) {
    return graph_.node("Clip", {x, number(low), number(high)});
  }
  // relu6(x + 3) / 6, which is Keras's hard sigmoid.
  std::string hard_sigmoid(const std::string& x) { return times(clip(plus(x, number(3)), 0, 6), number(1.0 / 6)); }
  std::string gelu(const std::string& x, bool approximate) {
    if (!approximate) {
      const std::string erf = graph_.node("Erf", {times(x, number(std::sqrt(0.5)))});
      return times(times(x, number(0.5)), plus(erf, number(1)));
    }
    const std::string cube = times(times(x, x), x);
    const std::string inner = times(plus(x, times(cube, number(0.044715))), number(std::sqrt(2 / M_PI)));
    return times(times(x, number(0.5)), plus(graph_.node("Tanh", {inner}), number(1)));
  }

 private:
  OnnxGraph& graph_;
};

// ReLU as a layer or a function with arguments.
std::string relu(OnnxGraph& graph, const Config& config, const std::string& x) {
  Expression e(graph);
  const double slope = config.get("negative_slope", 0.0), threshold = config.get("threshold", 0.0);
  const Config* max = config.find("max_value");
  std::string y = x;
  if (threshold != 0) {
    const std::string over =
        graph.node("Cast", {graph.node("GreaterOrEqual", {x, e.number(threshold)})}, {{"to", int64_t{1}}});
    const std::string below = e.times(graph.node("Sub", {x, e.number(threshold)}), e.number(slope));
    y = e.plus(e.times(over, x), e.times(graph.node("Sub", {e.number(1), over}), below));
  } else {
    y = slope != 0 ? graph.node("LeakyRelu", {x}, {{"alpha", static_cast<float>(slope)}}) : graph.node("Relu", {x});
  }
  return max && max->is_number() ? graph.node("Min", {y, e.number(max->as_number())}) : y;
}

std::string named(OnnxGraph& graph, const std::string& name, const Config& config, const std::string& x,
                  const std::string& where) {
  static const std::map<std::string, std::string> operators{{"sigmoid", "Sigmoid"},   {"tanh", "Tanh"},
                                                            {"softplus", "Softplus"}, {"softsign", "Softsign"},
                                                            {"exponential", "Exp"},   {"selu", "Selu"}};
  Expression e(graph);
  if (const auto it = operators.find(name); it != operators.end()) return graph.node(it->second, {x});
  if (name.empty() || name == "linear") return x;
  if (name == "relu") return relu(graph, config, x);
  if (name == "relu6") return e.clip(x, 0, 6);
  if (name == "leaky_relu")
    return graph.node("LeakyRelu", {x}, {{"alpha", static_cast<float>(config.get("negative_slope", 0.2))}});
  if (name == "elu") return graph.node("Elu", {x}, {{"alpha", static_cast<float>(config.get("alpha", 1.0))}});
  if (name == "celu") return graph.node("Celu", {x}, {{"alpha", static_cast<float>(config.get("alpha", 1.0))}});
  if (name == "silu" || name == "swish") return e.times(x, graph.node("Sigmoid", {x}));
  if (name == "gelu") return e.gelu(x, config.get("approximate", false));
  if (name == "hard_sigmoid") return e.hard_sigmoid(x);
  if (name == "hard_silu" || name == "hard_swish") return e.times(x, e.hard_sigmoid(x));
  if (name == "hard_tanh") return e.clip(x, -1, 1);
  if (name == "mish") return e.times(x, graph.node("Tanh", {graph.node("Softplus", {x})}));
  if (name == "log_sigmoid") return graph.node("Neg", {graph.node("Softplus", {graph.node("Neg", {x})})});
  if (name == "tanh_shrink") return graph.node("Sub", {x, graph.node("Tanh", {x})});
  if (name == "softmax" || name == "log_softmax")
    return graph.node(name == "softmax" ? "Softmax" : "LogSoftmax", {x}, {{"axis", config.get("axis", -1)}});
  fail(where, "the activation must be one that ONNX operators can say. Got \"", name, "\".");
}

std::vector<std::string> activation_layer(const OnnxCall& call) {
  return {
      onnx_activation(call.graph, spec_of(call.config.at("activation"), call.where()), call.inputs[0], call.where())};
}

std::vector<std::string> relu_layer(const OnnxCall& call) { return {relu(call.graph, call.config, call.inputs[0])}; }

std::vector<std::string> slope_layer(const OnnxCall& call) {
  const std::string name = call.layer.class_name() == "LeakyReLU" ? "leaky_relu" : "elu";
  Config config = call.config;
  if (name == "leaky_relu" && !config.find("negative_slope")) config.set("negative_slope", 0.3);
  return {named(call.graph, name, config, call.inputs[0], call.where())};
}

std::vector<std::string> softmax_layer(const OnnxCall& call) {
  require(call.inputs.size() == 1, call.where(), "a mask cannot be exported to ONNX. Got one.");
  const Config* axis = call.config.find("axis");
  require(!axis || axis->is_int(), call.where(), "axis must be one axis. Got ", axis ? axis->text() : "", ".");
  return {named(call.graph, "softmax", call.config, call.inputs[0], call.where())};
}

std::vector<std::string> prelu_layer(const OnnxCall& call) {
  return {call.graph.node("PRelu", {call.inputs[0], call.weight("alpha")})};
}

const RegisterOnnxRule activation{{"Activation"}, activation_layer};
const RegisterOnnxRule relus{{"ReLU"}, relu_layer};
const RegisterOnnxRule slopes{{"LeakyReLU", "ELU"}, slope_layer};
const RegisterOnnxRule softmax{{"Softmax"}, softmax_layer};
const RegisterOnnxRule prelu{{"PReLU"}, prelu_layer};

}  // namespace

std::string onnx_activation(OnnxGraph& graph, const Spec& activation, const std::string& x, const std::string& where) {
  static const std::map<std::string, std::string> layers{
      {"ReLU", "relu"}, {"LeakyReLU", "leaky_relu"}, {"ELU", "elu"}, {"Softmax", "softmax"}};
  const auto layer = layers.find(activation.class_name);
  return named(graph, layer == layers.end() ? activation.class_name : layer->second, activation.config, x, where);
}

}  // namespace batchwise
