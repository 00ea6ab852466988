// Layers and operations of several tensors in ONNX operators.
#include <algorithm>
#include <map>

#include <batchwise/error.h>

#include "base/snake_case.h"
#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

std::vector<std::string> merged(const OnnxCall& call) {
  static const std::map<std::string, std::string> operators{{"Add", "Add"},      {"Subtract", "Sub"},
                                                            {"Multiply", "Mul"}, {"Average", "Add"},
                                                            {"Maximum", "Max"},  {"Minimum", "Min"}};
  const std::string name(call.layer.class_name());
  // Keras lines tensors of different rank up from the batch on, ONNX from the end.
  for (const Shape& shape : call.input_shapes)
    require(shape.rank() == call.input_shapes[0].rank(), call.where(),
            "tensors must have one rank to be exported to ONNX. Got ", call.input_shapes[0], " and ", shape, ".");
  std::string y = call.inputs[0];
  for (size_t i = 1; i < call.inputs.size(); ++i) y = call.graph.node(operators.at(name), {y, call.inputs[i]});
  if (name == "Average")
    y = call.graph.node("Mul", {y, call.graph.number(1.0f / static_cast<float>(call.inputs.size()))});
  return {y};
}

std::vector<std::string> concatenated(const OnnxCall& call) {
  return {call.graph.node("Concat", call.inputs, {{"axis", call.axis(call.config.get("axis", -1))}})};
}

// Operations of two tensors, or a tensor and a number.
std::vector<std::string> operation(const OnnxCall& call) {
  static const std::map<std::string, std::string> operators{
      {"Add", "Add"},     {"Subtract", "Sub"}, {"Multiply", "Mul"}, {"Divide", "Div"},   {"TrueDivide", "Div"},
      {"Maximum", "Max"}, {"Minimum", "Min"},  {"Power", "Pow"},    {"Matmul", "MatMul"}};
  const std::string name(call.layer.class_name().substr(call.layer.class_name().rfind('.') + 1));
  const auto operand = [&](const std::string& role, const std::string& constant) {
    if (const int tensor = call.form.roles.empty() && role.empty() ? 0 : call.form.find(role); tensor >= 0)
      return call.inputs[static_cast<size_t>(tensor)];
    const Config* value = call.form.arguments.find(constant);
    require(value && value->is_number(), call.where(), "operands must be tensors or numbers. Got ",
            value ? value->text().substr(0, 100) : "none", ".");
    return call.graph.number(static_cast<float>(value->as_number()));
  };
  for (const Shape& shape : call.input_shapes)
    require(shape.rank() == call.input_shapes[0].rank(), call.where(),
            "tensors must have one rank to be exported to ONNX. Got ", call.input_shapes[0], " and ", shape, ".");
  return {call.graph.node(operators.at(name), {operand("", "0"), operand("1", "1")})};
}

std::vector<std::string> elementwise(const OnnxCall& call) {
  static const std::map<std::string, std::string> operators{{"Negative", "Neg"},
                                                            {"Exp", "Exp"},
                                                            {"Log", "Log"},
                                                            {"Sqrt", "Sqrt"},
                                                            {"Absolute", "Abs"},
                                                            {"Tanh", "Tanh"},
                                                            {"Relu", "Relu"},
                                                            {"Sigmoid", "Sigmoid"},
                                                            {"Floor", "Floor"},
                                                            {"Ceil", "Ceil"},
                                                            {"Abs", "Abs"},
                                                            {"Erf", "Erf"},
                                                            {"Sin", "Sin"},
                                                            {"Cos", "Cos"},
                                                            {"Sign", "Sign"},
                                                            {"Round", "Round"},
                                                            {"Reciprocal", "Reciprocal"}};
  const std::string name(call.layer.class_name().substr(call.layer.class_name().rfind('.') + 1));
  require(call.form.plain(), call.where(), "the operation must be of one tensor alone. Got more arguments.");
  return {call.graph.node(operators.at(name), {call.inputs[0]})};
}

// Activation functions as operations: arguments are those of the functions.
std::vector<std::string> function(const OnnxCall& call) {
  require(call.form.plain(), call.where(), "the operation must be of one tensor alone. Got more arguments.");
  return {onnx_activation(call.graph, Spec(snake_case(call.layer.class_name()), call.config), call.inputs[0],
                          call.where())};
}

const RegisterOnnxRule functions{
    {"ops.nn.Celu", "ops.nn.Elu", "ops.nn.Gelu", "ops.nn.HardSigmoid", "ops.nn.HardSilu", "ops.nn.HardTanh",
     "ops.nn.LeakyRelu", "ops.nn.LogSigmoid", "ops.nn.LogSoftmax", "ops.nn.Relu", "ops.nn.Relu6", "ops.nn.Selu",
     "ops.nn.Sigmoid", "ops.nn.Silu", "ops.nn.Softmax", "ops.nn.Softplus", "ops.nn.Softsign", "ops.nn.TanhShrink"},
    function};
const RegisterOnnxRule layers{{"Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"}, merged};
const RegisterOnnxRule joined{{"Concatenate", "ops.numpy.Concatenate"}, concatenated};
const RegisterOnnxRule binary{
    {"ops.numpy.Add", "ops.numpy.Subtract", "ops.numpy.Multiply", "ops.numpy.Divide", "ops.numpy.TrueDivide",
     "ops.numpy.Maximum", "ops.numpy.Minimum", "ops.numpy.Power", "ops.numpy.Matmul"},
    operation};
const RegisterOnnxRule unary{
    {"ops.numpy.Negative", "ops.numpy.Exp", "ops.numpy.Log", "ops.numpy.Sqrt", "ops.numpy.Absolute", "ops.numpy.Tanh",
     "ops.nn.Relu", "ops.nn.Sigmoid", "ops.numpy.Floor", "ops.numpy.Ceil", "ops.numpy.Abs", "ops.math.Erf",
     "ops.numpy.Sin", "ops.numpy.Cos", "ops.numpy.Sign", "ops.numpy.Round", "ops.numpy.Reciprocal"},
    elementwise};

}  // namespace
}  // namespace batchwise
