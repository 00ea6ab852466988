// Layers declare their variables once, when the shapes of their inputs become known.
#include <batchwise/layer.h>

#include <algorithm>
#include <atomic>

#include "base/snake_case.h"

namespace batchwise {
namespace {

std::string_view folder_of(std::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : name.substr(0, slash);
}

// Keras's order: the layer's own before those of its parts, part by part; in each the trainable ones first.
std::vector<VariableSpec> in_order(std::vector<VariableSpec> specs) {
  std::vector<std::string> folders{""};
  for (const VariableSpec& spec : specs)
    if (std::find(folders.begin(), folders.end(), folder_of(spec.name)) == folders.end())
      folders.emplace_back(folder_of(spec.name));
  std::stable_sort(specs.begin(), specs.end(), [&](const VariableSpec& a, const VariableSpec& b) {
    const auto place = [&](const VariableSpec& spec) {
      return std::find(folders.begin(), folders.end(), folder_of(spec.name)) - folders.begin();
    };
    if (place(a) != place(b)) return place(a) < place(b);
    return a.trainable && !b.trainable;
  });
  return specs;
}

}  // namespace

Shapes Layer::call_shapes(const Shapes& inputs, const CallForm& form) const {
  for (const std::string& role : form.roles)
    require(role.empty(), class_name(), "the layer takes tensors as its first argument only. Got one as the argument ",
            role, ".");
  for (const auto& [name, value] : form.arguments.as_object())
    fail(class_name(), "the layer is called without arguments but its tensors. Got ", name, " = ",
         value.text().substr(0, 100), ".");
  return output_shapes(inputs);
}

void Layer::build(const Shapes& inputs, const CallForm& form) {
  call_shapes(inputs, form);  // throws when they do not fit
  const std::vector<VariableSpec> specs = in_order(call_variables(inputs, form));
  if (built_) {
    bool same = specs.size() == own_weights_;
    for (size_t i = 0; same && i < specs.size(); ++i)
      same = weights_[i]->spec.name == specs[i].name && weights_[i]->spec.shape == specs[i].shape;
    require(same, name_, "a layer that is used again must get inputs that fit the weights it has. It was built for ",
            build_shapes_.empty() ? Shape() : build_shapes_.front(), ". Got ",
            inputs.empty() ? Shape() : inputs.front(), ".");
    build_parts(inputs, form);
    return;
  }
  for (const VariableSpec& spec : specs)
    weights_.push_back(std::make_shared<Variable>(Variable{name_ + "/" + spec.name, spec, {}}));
  own_weights_ = weights_.size();
  build_parts(inputs, form);
  for (const Part& part : parts())
    for (const auto& variable : part.layer->weights())
      if (std::find(weights_.begin(), weights_.end(), variable) == weights_.end()) weights_.push_back(variable);
  if (!trainable_)
    for (const auto& variable : weights_) variable->frozen = true;
  build_shapes_ = inputs;
  built_ = true;
}

double Layer::weight_uses(const Shapes&, const Shapes& outputs) const {
  const Shape& rows = outputs.front();
  return rows.rank() == 0 ? 0.0
                          : static_cast<double>(rows.count()) / static_cast<double>(std::max<int64_t>(1, rows.back()));
}

void Layer::load_assets(const std::vector<Asset>& assets) {
  require(assets.empty(), class_name(), "the layer keeps no files beside its weights. Got ",
          assets.empty() ? "" : assets.front().name, ".");
}

void Layer::set_trainable(bool trainable) {
  trainable_ = trainable;
  for (const auto& variable : own_weights()) variable->frozen = !trainable;
  for (const Part& part : parts()) part.layer->set_trainable(trainable);
}

void Layer::set_dtype_policy_throughout(DTypePolicy policy) {
  dtype_policy_ = policy;
  for (const Part& part : parts())
    if (part.layer) part.layer->set_dtype_policy_throughout(policy);
}

void Layer::set_paths(const std::string& prefix) {
  for (const auto& variable : own_weights()) {
    // What a session holds is named as its model has it until it ends.
    if (std::atomic_ref<bool>(variable->held).load(std::memory_order_acquire)) continue;
    std::string path = prefix + name_ + "/" + variable->spec.name;
    if (variable->path != path) variable->path = std::move(path);  // else left alone: other threads may read it
  }
  for (const Part& part : parts()) {
    if (part.layer->name().empty()) part.layer->set_name(snake_case(part.layer->class_name()));
    part.layer->set_paths(prefix + name_ + "/");
  }
}

}  // namespace batchwise
