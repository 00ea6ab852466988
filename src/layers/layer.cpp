// Layers declare their variables once, when the shapes of their inputs become known.
#include <batchwise/layer.h>

namespace batchwise {

void Layer::build(const Shapes& inputs) {
  output_shapes(inputs);  // throws when they do not fit
  const std::vector<VariableSpec> specs = variables(inputs);
  if (built_) {
    bool same = specs.size() == weights_.size();
    for (size_t i = 0; same && i < specs.size(); ++i) {
      bool found = false;
      for (const auto& variable : weights_)
        found = found || (variable->spec.name == specs[i].name && variable->spec.shape == specs[i].shape);
      same = found;
    }
    require(same, name_, "a layer that is used again must get inputs that fit the weights it has. It was built for ",
            build_shapes_.empty() ? Shape() : build_shapes_.front(), ". Got ",
            inputs.empty() ? Shape() : inputs.front(), ".");
    return;
  }
  for (const bool trainable : {true, false})
    for (const VariableSpec& spec : specs)
      if (spec.trainable == trainable)
        weights_.push_back(std::make_shared<Variable>(Variable{name_ + "/" + spec.name, spec, {}}));
  build_shapes_ = inputs;
  built_ = true;
}

}  // namespace batchwise
