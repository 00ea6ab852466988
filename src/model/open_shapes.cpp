// Models whose inputs leave sizes open, for stated shapes.
#include <map>

#include "model/input_layer.h"
#include "model/model_impl.h"

namespace batchwise {

Model Model::for_shapes(const Shapes& wanted) const {
  require(wanted.size() == inputs().size(), name(), "the model has ", inputs().size(), " inputs. Got ", wanted.size(),
          " shapes.");
  std::map<const GraphNode*, std::vector<Symbol>> made;
  std::vector<Symbol> starts, ends;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const auto& layer = static_cast<const InputLayer&>(*inputs()[i].node()->layer);
    const Shape& stated = layer.shape();
    bool fits = stated.rank() == wanted[i].rank();
    for (int axis = 0; fits && axis < stated.rank(); ++axis)
      fits = stated[axis] < 0 ? wanted[i][axis] > 0 : stated[axis] == wanted[i][axis];
    require(fits, name(), "the input ", layer.name(), " takes the shape ", stated, ". Got ", wanted[i], ".");
    starts.push_back(Input(wanted[i], {layer.name(), layer.dtype()}));
    made[inputs()[i].node().get()] = {starts.back()};
  }
  const auto symbol = [&](const Symbol& of) { return made.at(of.node().get())[static_cast<size_t>(of.output())]; };
  for (const auto& node : nodes()) {
    if (made.count(node.get())) continue;
    std::vector<Symbol> arguments;
    for (const Symbol& input : node->inputs) arguments.push_back(symbol(input));
    made[node.get()] = LayerRef(node->layer).outputs(arguments, node->form);
  }
  for (const Symbol& output : outputs()) ends.push_back(symbol(output));
  Model sized({std::move(starts), input_structure()}, {std::move(ends), output_structure()}, name());
  sized.impl_->sequential = impl_->sequential;
  sized.impl_->convolution = impl_->convolution;
  sized.impl_->compiled = impl_->compiled;
  sized.impl_->optimizer_state = impl_->optimizer_state;
  return sized;
}

}  // namespace batchwise
