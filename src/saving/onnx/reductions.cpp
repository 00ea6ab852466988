// Operations that reduce axes or exchange them, squares and roots, in ONNX operators.
#include <algorithm>
#include <map>
#include <numeric>

#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

std::string last_word_of(const OnnxCall& call) {
  return std::string(call.layer.class_name().substr(call.layer.class_name().rfind('.') + 1));
}

std::vector<int64_t> axes_of(const OnnxCall& call, const char* key) {
  const Config& stated = call.config.at(key);
  std::vector<int64_t> axes;
  if (stated.is_int()) return {call.axis(stated.as_int())};
  for (const Config& axis : stated.as_list(call.where())) axes.push_back(call.axis(axis.as_int()));
  return axes;
}

std::vector<std::string> reduction(const OnnxCall& call) {
  static const std::map<std::string, std::string> operators{
      {"Sum", "ReduceSum"}, {"Mean", "ReduceMean"}, {"Max", "ReduceMax"},   {"Amax", "ReduceMax"},
      {"Min", "ReduceMin"}, {"Amin", "ReduceMin"},  {"Prod", "ReduceProd"}, {"Logsumexp", "ReduceLogSumExp"}};
  const std::string type = operators.at(last_word_of(call));
  const std::vector<int64_t> axes = axes_of(call, "axis");
  const OnnxAttribute keeps{"keepdims", int64_t{call.config.get("keepdims", false)}};
  // In operator set 17 the axes of sums are a tensor, those of all others an attribute.
  if (type == "ReduceSum") return {call.graph.node(type, {call.inputs[0], call.graph.integers(axes)}, {keeps})};
  return {call.graph.node(type, {call.inputs[0]}, {{"axes", axes}, keeps})};
}

std::vector<std::string> exchanged(const OnnxCall& call) {
  std::vector<int64_t> order(static_cast<size_t>(call.rank()));
  std::iota(order.begin(), order.end(), 0);
  const std::string name = last_word_of(call);
  if (name == "Transpose") {
    order = axes_of(call, "axes");
  } else if (name == "Swapaxes") {
    std::swap(order.at(static_cast<size_t>(axes_of(call, "axis1")[0])),
              order.at(static_cast<size_t>(axes_of(call, "axis2")[0])));
  } else {
    const std::vector<int64_t> from = axes_of(call, "source"), to = axes_of(call, "destination");
    std::erase_if(order, [&](int64_t axis) { return std::find(from.begin(), from.end(), axis) != from.end(); });
    std::map<int64_t, int64_t> placed;  // in the order of places, so that each insertion is final
    for (size_t i = 0; i < from.size(); ++i) placed[to[i]] = from[i];
    for (const auto& [place, axis] : placed) order.insert(order.begin() + place, axis);
  }
  return {call.graph.node("Transpose", {call.inputs[0]}, {{"perm", order}})};
}

std::vector<std::string> square(const OnnxCall& call) {
  return {call.graph.node("Mul", {call.inputs[0], call.inputs[0]})};
}

std::vector<std::string> reciprocal_root(const OnnxCall& call) {
  return {call.graph.node("Reciprocal", {call.graph.node("Sqrt", {call.inputs[0]})})};
}

const RegisterOnnxRule reduced{{"ops.numpy.Sum", "ops.numpy.Mean", "ops.numpy.Max", "ops.numpy.Amax", "ops.numpy.Min",
                                "ops.numpy.Amin", "ops.numpy.Prod", "ops.math.Logsumexp"},
                               reduction};
const RegisterOnnxRule turned{{"ops.numpy.Transpose", "ops.numpy.Swapaxes", "ops.numpy.Moveaxis"}, exchanged};
const RegisterOnnxRule squared{{"ops.numpy.Square"}, square};
const RegisterOnnxRule rooted{{"ops.math.Rsqrt"}, reciprocal_root};

}  // namespace
}  // namespace batchwise
