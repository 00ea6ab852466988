// Models as descriptions: construction and access.
#include <batchwise/model.h>

#include <algorithm>
#include <set>

#include "model/graph_order.h"
#include "model/input_layer.h"
#include "model/layer_names.h"
#include "model/model_impl.h"

namespace batchwise {

Model::Model(Ends begins, Ends ends, std::string name) : impl_(std::make_shared<Impl>()) {
  const std::vector<Symbol>&inputs = begins.flat(), &outputs = ends.flat();
  require(!inputs.empty() && !outputs.empty(), "Model", "a model needs at least one input and one output. Got ",
          inputs.size(), " and ", outputs.size(), ".");
  std::set<const GraphNode*> distinct;
  for (const Symbol& input : inputs) {
    require(input.node() != nullptr && dynamic_cast<const InputLayer*>(input.node()->layer.get()), "Model",
            "inputs must come from Input().");
    require(distinct.insert(input.node().get()).second, "Model", "each input may be listed once. Got one of shape ",
            input.shape(), " twice.");
  }
  for (const Symbol& output : outputs)
    require(output.node() != nullptr, "Model", "outputs must come from layers. Got an empty tensor.");
  GraphOrder order = order_graph(inputs, outputs);
  impl_->name = name.empty() ? "functional" : std::move(name);
  impl_->nodes = std::move(order.nodes);
  impl_->layers = std::move(order.layers);
  impl_->inputs = std::move(begins);
  impl_->outputs = std::move(ends);
  name_layers(impl_->layers);
}

void Model::set_dtype_policy(std::string_view name) {
  const DTypePolicy policy = dtype_policy_named(name, "Model");
  for (const auto& layer : layers()) layer->set_dtype_policy_throughout(policy);
}

void Model::set_convolution(std::string_view way) {
  require(way == "auto" || way == "direct", "convolution", "the way must be auto or direct. Got \"", way, "\".");
  impl_->convolution = way;
}

const std::string& Model::convolution() const { return impl_->convolution; }

Model Sequential(std::vector<LayerRef> layers, std::string name) {
  require(layers.size() >= 2, "Sequential", "a model needs an Input and at least one layer. Got ", layers.size(),
          " layers.");
  const auto* first = dynamic_cast<const InputLayer*>(layers.front().layer().get());
  require(first != nullptr, "Sequential", "the first entry must be Input({...}), so that all shapes are known. Got ",
          layers.front().layer()->class_name(), ".");
  const Symbol input = Input(first->shape(), {layers.front().layer()->name(), first->dtype()});
  std::vector<Symbol> at{input};
  for (size_t i = 1; i < layers.size(); ++i) {
    require(at.size() == 1, "Sequential", "a layer that another follows must have one output. Got ", at.size(),
            " from ", layers[i - 1].layer()->class_name(), ": call layers one by one, and make a Model of them.");
    at = layers[i].outputs(at);
  }
  name = name.empty() ? "sequential" : std::move(name);
  Model model = at.size() == 1 ? Model(input, at.front(), name) : Model({input}, at, name);
  // Keras's form says a chain of different layers; what is more than that is a graph, for everybody who asks.
  const auto& nodes = model.nodes();
  model.impl_->sequential =
      nodes.size() == model.layers().size() && std::none_of(nodes.begin(), nodes.end(), [](const auto& node) {
        return node->layer->class_name().starts_with("ops.");
      });
  return model;
}

const std::string& Model::name() const { return impl_->name; }
bool Model::is_sequential() const { return impl_->sequential; }
const std::vector<std::shared_ptr<Layer>>& Model::layers() const { return impl_->layers; }
const std::vector<std::shared_ptr<GraphNode>>& Model::nodes() const { return impl_->nodes; }
const std::vector<Symbol>& Model::inputs() const { return impl_->inputs.flat(); }
const std::vector<Symbol>& Model::outputs() const { return impl_->outputs.flat(); }
const Config& Model::input_structure() const { return impl_->inputs.structure(); }
const Config& Model::output_structure() const { return impl_->outputs.structure(); }
std::vector<std::string> Model::input_names() const { return impl_->inputs.names(); }
std::vector<std::string> Model::output_names() const { return impl_->outputs.names(); }
const std::optional<CompileOptions>& Model::compiled() const { return impl_->compiled; }
OptimizerState& Model::optimizer_state() const { return *impl_->optimizer_state; }

std::shared_ptr<Layer> Model::layer(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& layer : impl_->layers) {
    if (layer->name() == name) return layer;
    names.push_back(layer->name());
  }
  const std::string near = nearest_name(name, names);
  fail("Model", "the model has no layer \"", name, "\".", near.empty() ? "" : " Did you mean \"" + near + "\"?");
}

Symbol Model::output_of(std::string_view name, int output, int call) const {
  const std::shared_ptr<Layer> wanted = layer(name);
  int calls = 0;
  for (const auto& node : impl_->nodes) {
    if (node->layer != wanted || calls++ != call) continue;
    require(output >= 0 && output < static_cast<int>(node->output_shapes.size()), "Model", "the layer \"", name,
            "\" has ", node->output_shapes.size(), " outputs. Got ", output, ".");
    return Symbol(node, output);
  }
  fail("Model", "the layer \"", name, "\" is called ", calls, " times, counted from 0. Got call ", call, ".");
}

}  // namespace batchwise
