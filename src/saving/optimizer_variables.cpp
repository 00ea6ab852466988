// Which variables an optimizer has for a model, in the order of Keras's files.
#include "saving/optimizer_variables.h"

#include <algorithm>

namespace batchwise {

std::vector<OptimizerVariable> optimizer_variables(const Model& model, const Optimizer& optimizer) {
  std::vector<std::shared_ptr<Variable>> weights;
  for (const auto& weight : model.weights())
    if (weight->learns()) weights.push_back(weight);

  std::vector<OptimizerVariable> all;
  const auto add = [&](const std::shared_ptr<Variable>& weight, const std::string& slot) {
    std::string name = weight->path + "_" + slot;
    std::replace(name.begin(), name.end(), '/', '_');
    all.push_back({name, weight->spec.shape, all.size()});
  };
  if (optimizer.options().use_ema)
    for (const auto& weight : weights) add(weight, "average");
  if (optimizer.options().gradient_accumulation_steps > 0)
    for (const auto& weight : weights) add(weight, "gradient_accumulator");
  const size_t interleaved = static_cast<size_t>(optimizer.interleaved_slots());
  std::vector<std::vector<SlotSpec>> slots;
  size_t most = 0;
  for (const auto& weight : weights) {
    slots.push_back(optimizer.slots({weight->path, weight->spec.shape}));
    most = std::max(most, slots.back().size());
  }
  const auto add_slot = [&](size_t w, size_t s) {
    if (s >= slots[w].size()) return;
    add(weights[w], slots[w][s].name);
    if (slots[w][s].shape) all.back().shape = *slots[w][s].shape;
  };
  for (size_t w = 0; w < weights.size(); ++w)
    for (size_t s = 0; s < std::min(interleaved, most); ++s) add_slot(w, s);
  for (size_t s = interleaved; s < most; ++s)
    for (size_t w = 0; w < weights.size(); ++w) add_slot(w, s);
  return all;
}

void require_state_of(const std::vector<OptimizerVariable>& variables, const OptimizerState& state,
                      const Optimizer& optimizer) {
  constexpr const char* kCure = "Compile the model again after freezing layers.";
  require(variables.size() == state.slots.size(), "save", "the optimizer's state must have ", variables.size(),
          " variables for ", optimizer.class_name(), ". Got ", state.slots.size(), ". ", kCure);
  // By place: two weights may come to one name, as encoder/norm and encoder_norm do.
  for (size_t i = 0; i < variables.size(); ++i)
    require(variables[i].name == state.slots[i].first, "save", "the optimizer's state must have the variable \"",
            variables[i].name, "\" as number ", i, ". Got \"", state.slots[i].first, "\". ", kCure);
}

std::optional<double> learning_rate_of(const OptimizerState& state) {
  if (state.iterations == 0 && state.learning_rate == 0) return std::nullopt;
  return state.learning_rate;
}

namespace {

constexpr const char* kAnew = " Training begins anew with the optimizer's settings and without its state.";

}  // namespace

OptimizerState state_left_out(const std::string& where, const Optimizer& optimizer, size_t expected, size_t stored) {
  OptimizerState state;
  state.left_out = "[" + where + "] the optimizer " + std::string(optimizer.class_name()) + " of this model has " +
                   std::to_string(expected) + " variables. Got " + std::to_string(stored) +
                   ", as of a model whose layers were frozen after it was compiled." + kAnew;
  return state;
}

OptimizerState state_left_out(const std::string& where, const OptimizerVariable& variable, const Shape& stored) {
  OptimizerState state;
  state.left_out = "[" + where + "] the optimizer's variable " + variable.name + " of this model has the shape " +
                   variable.shape.text() + ". Got " + stored.text() + "." + kAnew;
  return state;
}

}  // namespace batchwise
