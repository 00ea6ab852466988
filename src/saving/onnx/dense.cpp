// Products with weights and look-ups in ONNX operators.
#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

std::string activated(const OnnxCall& call, const std::string& x) {
  const Config* activation = call.config.find("activation");
  return activation ? onnx_activation(call.graph, spec_of(*activation, call.where()), x, call.where()) : x;
}

std::string with_bias(const OnnxCall& call, const std::string& x) {
  return call.has_weight("bias") ? call.graph.node("Add", {x, call.weight("bias")}) : x;
}

std::vector<std::string> dense(const OnnxCall& call) {
  return {activated(call, with_bias(call, call.graph.node("MatMul", {call.inputs[0], call.weight("kernel")})))};
}

std::vector<std::string> einsum_dense(const OnnxCall& call) {
  const std::string equation = call.config.get("equation", "");
  require(equation.find("...") == std::string::npos, call.where(),
          "an equation with ... cannot be exported to ONNX. Got \"", equation, "\".");
  const std::string product =
      call.graph.node("Einsum", {call.inputs[0], call.weight("kernel")}, {{"equation", equation}});
  return {activated(call, with_bias(call, product))};
}

std::vector<std::string> embedding(const OnnxCall& call) {
  const std::string rows = call.graph.node("Cast", {call.inputs[0]}, {{"to", int64_t{7}}});
  return {call.graph.node("Gather", {call.weight("embeddings"), rows})};
}

const RegisterOnnxRule dense_rule{{"Dense"}, dense};
const RegisterOnnxRule einsum_rule{{"EinsumDense"}, einsum_dense};
const RegisterOnnxRule embedding_rule{{"Embedding"}, embedding};

}  // namespace
}  // namespace batchwise
