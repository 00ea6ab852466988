// Calling layers on tensors: how a graph grows.
#include <batchwise/model.h>

#include "model/input_layer.h"
#include "model/model_layer.h"

namespace batchwise {

const Shape& Symbol::shape() const { return node_->output_shapes[static_cast<size_t>(output_)]; }
DType Symbol::dtype() const { return node_->dtype; }

Symbol Input(const Shape& shape, const InputOptions& options) {
  for (int64_t dim : shape)
    require(dim > 0, "Input", "dimensions of a sample must be positive, without the batch. Got ", shape, ".");
  auto node = std::make_shared<GraphNode>();
  node->layer = std::make_shared<InputLayer>(shape, options.dtype);
  node->layer->set_name(options.name);
  node->layer->build({});
  node->output_shapes = {shape};
  node->dtype = options.dtype;
  return Symbol(node, 0);
}

std::vector<Symbol> LayerRef::outputs(const std::vector<Symbol>& inputs, const CallForm& form) const {
  require(!inputs.empty(), layer_->class_name(), "a layer is called on at least one tensor. Got none.");
  require(form.roles.empty() || form.roles.size() == inputs.size(), layer_->class_name(),
          "a call must say the role of each of its ", inputs.size(), " tensors. Got ", form.roles.size(), ".");
  auto node = std::make_shared<GraphNode>();
  node->layer = layer_;
  node->inputs = inputs;
  node->form = form;
  Shapes shapes;
  for (size_t i = 0; i < inputs.size(); ++i) {
    require(inputs[i].node() != nullptr, layer_->class_name(),
            "inputs must come from Input() or another layer. Got an empty tensor.");
    if (form.role(i) == "mask")
      require(inputs[i].dtype() == DType::Bool, layer_->class_name(), "a mask must be of dtype bool. Got ",
              inputs[i].dtype(), ".");
    else shapes.push_back(inputs[i].shape());
  }
  const CallForm own = form.without("mask");
  node->output_shapes = layer_->call_shapes(shapes, own);
  node->dtype = layer_->output_dtype(inputs.front().dtype());
  layer_->build(shapes, own);
  std::vector<Symbol> made;
  for (size_t i = 0; i < node->output_shapes.size(); ++i) made.emplace_back(node, static_cast<int>(i));
  return made;
}

Symbol LayerRef::operator()(const std::vector<Symbol>& inputs, const CallForm& form) const {
  return outputs(inputs, form).front();
}

LayerRef::LayerRef(const Model& model) : layer_(std::make_shared<ModelLayer>(model)) {}

LayerRef LayerRef::named(std::string name) const {
  layer_->set_name(std::move(name));
  return *this;
}

LayerRef make_layer(const Spec& spec) {
  return LayerRef(std::shared_ptr<Layer>(Registry<Layer>::instance().make(spec, "layer")));
}

}  // namespace batchwise
