// A model's calls, one after another, as ONNX nodes.
#include "saving/onnx/onnx_export.h"

#include <map>

#include <batchwise/error.h>

#include "model/layer_names.h"
#include "model/model_layer.h"
#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

// Which steps of a sequence count has no operator: what would make or take a mask is refused.
void require_no_mask(const GraphNode& node) {
  const std::string where = "layer \"" + node.layer->name() + "\"";
  require(node.form.find("mask") < 0, where, "masks cannot be exported to ONNX. Got a call with one.");
  require(!node.form.training.value_or(false), where,
          "what a layer does in training cannot be exported to ONNX. Got a call with training=true.");
  const Config config = node.layer->parts().empty() ? node.layer->config() : Config(Config::Object{});
  const Config* zero = config.find("mask_zero");
  require(!(zero && *zero == Config(true)), where,
          "masks cannot be exported to ONNX. Got mask_zero = true; make the layer without it.");
}

struct Export {
  OnnxGraph& graph;
  std::map<const Variable*, std::string> tensors;

  std::vector<std::string> run(const Model& model, const std::vector<std::string>& inputs) {
    std::map<const GraphNode*, std::vector<std::string>> made;
    for (size_t i = 0; i < inputs.size(); ++i) made[model.inputs()[i].node().get()] = {inputs[i]};
    const auto take = [&](const std::vector<Symbol>& symbols) {
      std::vector<std::string> names;
      for (const Symbol& symbol : symbols)
        names.push_back(made.at(symbol.node().get())[static_cast<size_t>(symbol.output())]);
      return names;
    };
    for (const auto& node : model.nodes())
      if (!made.count(node.get())) made[node.get()] = call(*node, take(node->inputs));
    return take(model.outputs());
  }

  std::vector<std::string> call(const GraphNode& node, const std::vector<std::string>& inputs) {
    require_no_mask(node);
    if (const auto* inner = dynamic_cast<const ModelLayer*>(node.layer.get())) return run(inner->model(), inputs);
    const auto rule = onnx_rules().find(std::string(node.layer->class_name()));
    const std::string where = "layer \"" + node.layer->name() + "\"";
    require(rule != onnx_rules().end(), where, "the layer must be one that ONNX operators can say. Got a ",
            node.layer->class_name(), ".");
    Shapes shapes;
    for (const Symbol& input : node.inputs) shapes.push_back(input.shape());
    const Layer& layer = *node.layer;
    const auto find = [&layer](const std::string& name) -> const Variable* {
      for (const auto& weight : layer.weights())
        if (weight->spec.name == name || weight->path.ends_with("/" + name)) return weight.get();
      return nullptr;
    };
    const OnnxCall onnx{graph, layer, layer.config(), inputs, shapes, node.output_shapes, node.form, find, tensors};
    try {
      return rule->second(onnx);
    } catch (const Error& error) {
      const std::string message = error.what();
      if (message.find(layer.name()) != std::string::npos) throw;
      fail(where, message);
    }
  }
};

}  // namespace

std::map<std::string, OnnxRule>& onnx_rules() {
  static std::map<std::string, OnnxRule> rules;
  return rules;
}

const Variable& OnnxCall::weight_values(const std::string& name) const {
  const Variable* variable = find_weight(name);
  require(variable != nullptr, where(), "the layer must have the weight ", name, ". Got none.");
  return *variable;
}

std::string OnnxCall::weight(const std::string& name) const {
  const Variable& variable = weight_values(name);
  std::string& tensor = tensors[&variable];
  if (tensor.empty()) tensor = graph.floats(variable.path, variable.spec.shape, variable.value);
  return tensor;
}

void require_channels_last(const OnnxCall& call) {
  const std::string format = call.config.get("data_format", "channels_last");
  require(format == "channels_last", call.where(), "data_format must be \"channels_last\". Got \"", format, "\".");
}

std::string channels_first(OnnxGraph& graph, const std::string& x, int rank) {
  std::vector<int64_t> order{0, rank - 1};
  for (int64_t axis = 1; axis < rank - 1; ++axis) order.push_back(axis);
  return graph.node("Transpose", {x}, {{"perm", order}});
}

std::string channels_last(OnnxGraph& graph, const std::string& x, int rank) {
  std::vector<int64_t> order{0};
  for (int64_t axis = 2; axis < rank; ++axis) order.push_back(axis);
  order.push_back(1);
  return graph.node("Transpose", {x}, {{"perm", order}});
}

void write_onnx(const Model& model, const std::string& path) {
  set_paths(model.layers());  // tensors are named by them
  OnnxGraph graph;
  Export exporter{graph, {}};
  std::vector<std::string> inputs;
  for (const Symbol& input : model.inputs()) {
    inputs.push_back(input.node()->layer->name());
    graph.input(inputs.back(), input.dtype(), input.shape());
    if (input.dtype() == DType::UInt8) inputs.back() = graph.node("Cast", {inputs.back()}, {{"to", int64_t{1}}});
  }
  const std::vector<std::string> outputs = exporter.run(model, inputs);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string name = "output_" + std::to_string(i) + "_" + model.output_names()[i];
    graph.name_output(outputs[i], name);
    graph.output(name, model.outputs()[i].shape());
  }
  graph.write(path, model.name());
}

}  // namespace batchwise
