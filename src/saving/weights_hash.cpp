// The hash over all variables of a model.
#include "saving/weights_hash.h"

#include <bit>

#include <batchwise/optimizer.h>

#include "base/sha256.h"

namespace batchwise {

static_assert(std::endian::native == std::endian::little, "the hash is defined over little-endian bytes");

std::string weights_sha256(const Model& model) {
  Sha256 sha;
  for (const auto& variable : model.weights()) sha.add(variable->value.data(), variable->value.size() * sizeof(float));
  const OptimizerState& state = model.optimizer_state();
  if (model.compiled() && (state.iterations > 0 || !state.slots.empty())) {
    sha.add(&state.iterations, sizeof state.iterations);
    if (!make_optimizer(model.compiled()->optimizer)->schedule()) {
      const float rate = static_cast<float>(state.learning_rate);
      sha.add(&rate, sizeof rate);
    }
    for (const auto& slot : state.slots) sha.add(slot.second.data(), slot.second.size() * sizeof(float));
  }
  return sha.hex();
}

}  // namespace batchwise
