// Calling layers on tensors: how a graph grows.
#include <batchwise/model.h>

#include "model/input_layer.h"

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

Symbol LayerRef::operator()(const std::vector<Symbol>& inputs) const {
  require(!inputs.empty(), layer_->class_name(), "a layer is called on at least one tensor. Got none.");
  auto node = std::make_shared<GraphNode>();
  node->layer = layer_;
  node->inputs = inputs;
  Shapes shapes;
  for (const Symbol& input : inputs) {
    require(input.node() != nullptr, layer_->class_name(),
            "inputs must come from Input() or another layer. Got an empty tensor.");
    shapes.push_back(input.shape());
  }
  node->output_shapes = layer_->output_shapes(shapes);
  node->dtype = layer_->output_dtype(inputs.front().dtype());
  layer_->build(shapes);
  return Symbol(node, 0);
}

LayerRef LayerRef::named(std::string name) const {
  layer_->set_name(std::move(name));
  return *this;
}

LayerRef make_layer(const Spec& spec) {
  return LayerRef(std::shared_ptr<Layer>(Registry<Layer>::instance().make(spec, "layer")));
}

}  // namespace batchwise
