// Attention of several heads in ONNX operators.
#include <cmath>

#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

// What lies in the part of the layer at this attribute.
const Layer& part_at(const OnnxCall& call, const std::string& attribute) {
  for (const Part& part : call.layer.parts())
    if (part.attribute == attribute) return *part.layer;
  fail(call.where(), "the layer must have the part ", attribute, ". Got none.");
}

// The part's equation with its weights.
std::string projected(const OnnxCall& call, const std::string& x, const std::string& attribute,
                      const std::string& equation) {
  std::string y;
  for (const auto& weight : part_at(call, attribute).weights()) {
    const std::string tensor = call.graph.floats(weight->path, weight->spec.shape, weight->value);
    y = y.empty() ? call.graph.node("Einsum", {x, tensor}, {{"equation", equation}})
                  : call.graph.node("Add", {y, tensor});
  }
  return y;
}

// What is added to scores so that no step attends to later ones, (steps, steps that are attended to).
std::string hidden_later_steps(const OnnxCall& call) {
  const int64_t to = call.input_shapes.front()[0], from = call.input_shapes[call.input_shapes.size() > 1 ? 1 : 0][0];
  require(to > 0 && from > 0, call.where(), "a causal mask needs a stated number of steps to be exported to ONNX. Got ",
          call.input_shapes[0], ".");
  std::vector<float> added;
  for (int64_t t = 0; t < to; ++t)
    for (int64_t s = 0; s < from; ++s) added.push_back(s <= t ? 0.0f : -1e9f);
  return call.graph.floats(call.layer.name() + "/causal", {to, from}, added);
}

std::vector<std::string> multi_head(const OnnxCall& call) {
  std::string query, value, key;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    const std::string& role = call.form.role(i);
    if (role.empty() || role == "query") query = call.inputs[i];
    else if (role == "1" || role == "value") value = call.inputs[i];
    else if (role == "2" || role == "key") key = call.inputs[i];
    else fail(call.where(), "masks cannot be exported to ONNX. Got ", role, ".");
  }
  if (key.empty()) key = value;
  bool causal = false;
  for (const auto& [name, argument] : call.form.arguments.as_object()) {
    if (name == "use_causal_mask") causal = argument == Config(true);
    else
      require(argument == Config(false) || argument.is_null(), call.where(),
              "the argument cannot be exported to ONNX. Got ", name, " = ", argument.text(), ".");
  }
  const Config* axes = call.config.find("attention_axes");  // Keras writes the one axis of steps as [1]
  const bool over_steps = !axes || axes->is_null() || *axes == Config(1) || *axes == Config(Config::List{1});
  require(over_steps && call.input_shapes[0].rank() == 2, call.where(),
          "attention must go over one axis of steps to be exported to ONNX. Got the shape ", call.input_shapes[0], ".");
  require(!call.config.get("use_gate", false), call.where(), "gates cannot be exported to ONNX. Got use_gate=true.");
  const Config* window = call.config.find("sliding_window");
  require(!window || window->is_null(), call.where(), "sliding windows cannot be exported to ONNX. Got ",
          window ? window->text() : "", ".");
  require(call.output_shapes[0].rank() == 2, call.where(),
          "the output must have one axis of features to be exported to ONNX. Got the shape ", call.output_shapes[0],
          ".");
  OnnxGraph& graph = call.graph;
  const float scale = 1.0f / std::sqrt(static_cast<float>(call.config.at("key_dim").as_int()));
  const std::string q =
      graph.node("Mul", {projected(call, query, "query_dense", "bte,ehd->bthd"), graph.number(scale)});
  const std::string k = projected(call, key, "key_dense", "bte,ehd->bthd");
  const std::string v = projected(call, value, "value_dense", "bte,ehd->bthd");
  std::string scores = graph.node("Einsum", {q, k}, {{"equation", std::string("bthd,bshd->bhts")}});
  if (causal) scores = graph.node("Add", {scores, hidden_later_steps(call)});
  const std::string weights = graph.node("Softmax", {scores}, {{"axis", int64_t{-1}}});
  const std::string heads = graph.node("Einsum", {weights, v}, {{"equation", std::string("bhts,bshd->bthd")}});
  require(call.output_shapes.size() == 1, call.where(),
          "attention scores cannot be exported to ONNX. Got a call for them.");
  return {projected(call, heads, "output_dense", "bthd,hde->bte")};
}

const RegisterOnnxRule rule{{"MultiHeadAttention"}, multi_head};

}  // namespace
}  // namespace batchwise
