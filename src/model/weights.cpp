// The weights of a model: order, first values, reading and writing them.
#include <set>

#include <batchwise/optimizer.h>

#include "base/random.h"
#include "model/held_weights.h"
#include "model/layer_names.h"
#include "model/model_impl.h"

namespace batchwise {
namespace {

void draw(Variable& variable, uint64_t seed) {
  const Shape& shape = variable.spec.shape;
  variable.value.assign(static_cast<size_t>(shape.count()), 0.0f);
  make_initializer(variable.spec.initializer)
      ->fill(std::span<const int64_t>(shape.begin(), shape.end()), seed, random_key(0, variable.path), variable.value);
}

}  // namespace

std::vector<std::shared_ptr<Variable>> Model::weights() const {
  set_paths(impl_->layers);  // another model may have named those of shared layers
  std::vector<std::shared_ptr<Variable>> all;
  std::set<const Variable*> listed;  // a layer may stand in the model and in a model inside it
  for (const auto& layer : impl_->layers)
    for (const auto& variable : layer->weights())
      if (listed.insert(variable.get()).second) all.push_back(variable);
  return all;
}

int64_t Model::num_parameters() const {
  int64_t count = 0;
  for (const auto& variable : weights()) count += variable->spec.shape.count();
  return count;
}

void Model::initialize(uint64_t seed) {
  require_not_held(*this, "initialize");
  for (const auto& variable : weights())
    if (!variable->measured) draw(*variable, seed);
  optimizer_state() = {};
}

void Model::initialize_new(uint64_t seed) {
  require_not_held(*this, "initialize_new");
  for (const auto& variable : weights())
    if (variable->value.empty()) draw(*variable, seed);
}

bool Model::initialized() const {
  for (const auto& variable : weights())
    if (variable->value.empty() && variable->spec.shape.count() > 0) return false;
  return true;
}

std::vector<Array> Model::get_weights() const {
  std::vector<Array> values;
  require_not_held(*this, "get_weights");
  for (const auto& variable : weights()) {
    require(!variable->value.empty(), "Model",
            "the weights must have values: call initialize(seed) or load them. Got none for ", variable->path, ".");
    values.push_back(Array::from(variable->value, variable->spec.shape));
  }
  return values;
}

void Model::set_weights(const std::vector<Array>& values) {
  require_not_held(*this, "set_weights");
  const auto all = weights();
  require(values.size() == all.size(), "Model", "set_weights needs one array per weight, ", all.size(),
          " of them. Got ", values.size(), ".");
  for (size_t i = 0; i < all.size(); ++i)
    require(values[i].shape() == all[i]->spec.shape, "Model", "the weight ", all[i]->path, " has the shape ",
            all[i]->spec.shape, ". Got ", values[i].shape(), ".");
  for (size_t i = 0; i < all.size(); ++i) {
    const Array floats = values[i].cast(DType::Float32);
    all[i]->value.assign(floats.data<float>(), floats.data<float>() + floats.count());
  }
}

}  // namespace batchwise
