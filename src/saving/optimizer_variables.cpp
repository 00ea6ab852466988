// Which variables an optimizer has for a model, in the order of Keras's files.
#include "saving/optimizer_variables.h"

#include <algorithm>

namespace batchwise {

std::vector<OptimizerVariable> optimizer_variables(const std::vector<std::shared_ptr<Layer>>& layers,
                                                   const Optimizer& optimizer) {
  std::vector<std::shared_ptr<Variable>> weights;
  for (const auto& layer : layers)
    for (const auto& weight : layer->weights())
      if (weight->learns()) weights.push_back(weight);

  std::vector<OptimizerVariable> all;
  const auto add = [&](const std::shared_ptr<Variable>& weight, const std::string& slot) {
    std::string name = weight->path + "_" + slot;
    std::replace(name.begin(), name.end(), '/', '_');
    all.push_back({name, weight});
  };
  if (optimizer.options().use_ema)
    for (const auto& weight : weights) add(weight, "average");
  if (optimizer.options().gradient_accumulation_steps > 0)
    for (const auto& weight : weights) add(weight, "gradient_accumulator");
  const std::vector<SlotSpec> slots = optimizer.slots();
  const size_t interleaved = static_cast<size_t>(optimizer.interleaved_slots());
  for (const auto& weight : weights)
    for (size_t s = 0; s < interleaved; ++s) add(weight, slots[s].name);
  for (size_t s = interleaved; s < slots.size(); ++s)
    for (const auto& weight : weights) add(weight, slots[s].name);
  return all;
}

}  // namespace batchwise
