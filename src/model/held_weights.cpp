// Weights that a session holds are refused to everybody else.
#include "model/held_weights.h"

namespace batchwise {

void require_not_held(const Model& model, std::string_view where) {
  for (const auto& variable : model.weights())
    require(!variable->held, where,
            "the weights must be free: wait for the fit, evaluation or prediction that holds them, or finish() the "
            "Trainer; a callback uses its RunControl. Got ",
            variable->path, ", which is held.");
}

}  // namespace batchwise
