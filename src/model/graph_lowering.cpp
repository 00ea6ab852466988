// The calls of a model's graph, lowered one after another.
#include "model/graph_lowering.h"

#include <map>

#include "layers/own_value.h"

namespace batchwise {
namespace {

// Masks belong to the tensors of the graph: two of them may be one value, of which a layer dropped the mask.
struct Tensor {
  Value value, mask;
};

}  // namespace

std::vector<Value> lower_graph(Lowering& lowering, const Model& model, std::span<const Value> inputs) {
  std::map<const GraphNode*, std::vector<Tensor>> made;
  const auto take = [&](const std::vector<Symbol>& symbols) {
    std::vector<Value> values;
    for (const Symbol& symbol : symbols) {
      const Tensor& tensor = made.at(symbol.node().get())[static_cast<size_t>(symbol.output())];
      Value value = tensor.value;
      for (const Value other : values)
        if (other.index == value.index && lowering.mask(other).index != tensor.mask.index) {
          value = own_value(lowering, value);
          break;
        }
      lowering.set_mask(value, tensor.mask);
      values.push_back(value);
    }
    return values;
  };
  for (size_t i = 0; i < inputs.size(); ++i)
    made[model.inputs()[i].node().get()] = {{inputs[i], lowering.mask(inputs[i])}};
  for (const auto& node : model.nodes()) {
    if (made.count(node.get())) continue;
    for (const Value output : lowering.lower_part(*node->layer, take(node->inputs), node->form))
      made[node.get()].push_back({output, lowering.mask(output)});
  }
  return take(model.outputs());
}

}  // namespace batchwise
