// Normalizations in ONNX operators, as they predict.
#include <algorithm>
#include <cmath>

#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

int64_t single_axis(const OnnxCall& call) {
  const Config& axis = call.config.at("axis");
  const bool one = axis.is_int() || (axis.is_list() && axis.as_list().size() == 1);
  require(one, call.where(), "axis must be one axis. Got ", axis.text(), ".");
  return call.axis(axis.is_int() ? axis.as_int() : axis.as_list().front().as_int());
}

// Numbers along `axis`, shaped so that they meet it in a tensor of the call's rank.
std::string along(const OnnxCall& call, int64_t axis, const std::vector<float>& values) {
  std::vector<int64_t> dims(static_cast<size_t>(call.rank() - axis), 1);
  dims[0] = static_cast<int64_t>(values.size());
  return call.graph.floats(call.layer.name(), Shape(std::span<const int64_t>(dims)), values);
}

// The statistics are fixed: a factor and a summand per channel.
std::vector<std::string> batch_normalization(const OnnxCall& call) {
  const int64_t axis = single_axis(call);
  const std::vector<float>& mean = call.weight_values("moving_mean").value;
  const std::vector<float>& variance = call.weight_values("moving_variance").value;
  const double epsilon = call.config.get("epsilon", 1e-3);
  std::vector<float> factor(mean.size()), summand(mean.size());
  for (size_t i = 0; i < mean.size(); ++i) {
    const double gamma = call.has_weight("gamma") ? call.weight_values("gamma").value[i] : 1;
    const double beta = call.has_weight("beta") ? call.weight_values("beta").value[i] : 0;
    const double scale = gamma / std::sqrt(variance[i] + epsilon);
    factor[i] = static_cast<float>(scale);
    summand[i] = static_cast<float>(beta - mean[i] * scale);
  }
  return {call.graph.node(
      "Add", {call.graph.node("Mul", {call.inputs[0], along(call, axis, factor)}), along(call, axis, summand)})};
}

std::vector<std::string> layer_normalization(const OnnxCall& call) {
  require(!call.config.get("rms_scaling", false), call.where(),
          "rms_scaling cannot be exported to ONNX: RMSNormalization can. Got true.");
  require(single_axis(call) == call.rank() - 1, call.where(), "axis must be the last one. Got ",
          call.config.at("axis").text(), ".");
  const int64_t size = call.input_shapes[0].back();
  const auto weight_or = [&](const char* name, float otherwise) {
    if (call.has_weight(name)) return call.weight(name);
    return call.graph.floats(call.layer.name(), {size}, std::vector<float>(static_cast<size_t>(size), otherwise));
  };
  return {call.graph.node("LayerNormalization", {call.inputs[0], weight_or("gamma", 1), weight_or("beta", 0)},
                          {{"axis", int64_t{-1}}, {"epsilon", static_cast<float>(call.config.get("epsilon", 1e-3))}})};
}

std::vector<std::string> rms_normalization(const OnnxCall& call) {
  OnnxGraph& graph = call.graph;
  const int64_t axis = single_axis(call);
  require(axis == call.rank() - 1, call.where(), "axis must be the last one. Got ", call.config.at("axis").text(), ".");
  const std::string& x = call.inputs[0];
  const std::string square = graph.node("ReduceMean", {graph.node("Mul", {x, x})},
                                        {{"axes", std::vector<int64_t>{axis}}, {"keepdims", int64_t{1}}});
  const std::string root = graph.node(
      "Sqrt", {graph.node("Add", {square, graph.number(static_cast<float>(call.config.get("epsilon", 1e-6)))})});
  return {graph.node("Mul", {graph.node("Div", {x, root}), call.weight("scale")})};
}

std::vector<std::string> unit_normalization(const OnnxCall& call) {
  OnnxGraph& graph = call.graph;
  std::vector<int64_t> axes;
  const Config& stated = call.config.at("axis");
  if (stated.is_int()) axes.push_back(call.axis(stated.as_int()));
  else
    for (const Config& axis : stated.as_list()) axes.push_back(call.axis(axis.as_int()));
  const std::string& x = call.inputs[0];
  const std::string square = graph.node(
      "Max", {graph.node("ReduceSumSquare", {x}, {{"axes", axes}, {"keepdims", int64_t{1}}}), graph.number(1e-12f)});
  return {graph.node("Div", {x, graph.node("Sqrt", {square})})};
}

std::vector<std::string> layer_scale(const OnnxCall& call) {
  return {call.graph.node("Mul", {call.inputs[0], call.weight("gamma")})};
}

// With the statistics that adapt measured, or those that were stated.
std::vector<std::string> normalization(const OnnxCall& call) {
  OnnxGraph& graph = call.graph;
  require(!call.config.get("invert", false), call.where(), "invert cannot be exported to ONNX. Got true.");
  const auto statistic = [&](const char* name) {
    if (call.has_weight(name)) return call.weight_values(name).value;
    const Config& stated = call.config.at(name);
    if (stated.is_number()) return std::vector<float>{static_cast<float>(stated.as_number())};
    std::vector<float> all;
    for (const Config& number : stated.as_list(call.where())) all.push_back(static_cast<float>(number.as_number()));
    return all;
  };
  const Config& axis = call.config.at("axis");
  const std::vector<float> mean = statistic("mean"), variance = statistic("variance");
  const bool last = mean.size() == 1 || (axis.is_int() ? axis.as_int() == -1 : axis == Config(Config::List{-1}));
  require(last, call.where(), "axis must be the last one. Got ", axis.text(), ".");
  std::vector<float> deviation;
  for (const float value : variance) deviation.push_back(std::max(std::sqrt(value), 1e-7f));
  const Shape shape{static_cast<int64_t>(mean.size())};
  const std::string from_mean = graph.node("Sub", {call.inputs[0], graph.floats(call.layer.name(), shape, mean)});
  return {graph.node("Div", {from_mean, graph.floats(call.layer.name(), shape, deviation)})};
}

std::vector<std::string> rescaling(const OnnxCall& call) {
  const auto numbers = [&](const char* key, double otherwise) {
    const Config* value = call.config.find(key);
    if (!value || !value->is_list()) return call.graph.number(static_cast<float>(call.config.get(key, otherwise)));
    std::vector<float> all;
    for (const Config& number : value->as_list()) all.push_back(static_cast<float>(number.as_number()));
    return call.graph.floats(call.layer.name(), {static_cast<int64_t>(all.size())}, all);
  };
  return {
      call.graph.node("Add", {call.graph.node("Mul", {call.inputs[0], numbers("scale", 1)}), numbers("offset", 0)})};
}

const RegisterOnnxRule batch{{"BatchNormalization"}, batch_normalization};
const RegisterOnnxRule layer{{"LayerNormalization"}, layer_normalization};
const RegisterOnnxRule rms{{"RMSNormalization"}, rms_normalization};
const RegisterOnnxRule unit{{"UnitNormalization"}, unit_normalization};
const RegisterOnnxRule channels{{"LayerScale"}, layer_scale};
const RegisterOnnxRule standard{{"Normalization"}, normalization};
const RegisterOnnxRule scale{{"Rescaling"}, rescaling};

}  // namespace
}  // namespace batchwise
