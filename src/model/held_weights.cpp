// Weights that a session holds are refused to everybody else.
#include "model/held_weights.h"

#include <atomic>

#include "model/layer_names.h"

namespace batchwise {
namespace {

[[noreturn]] void refuse(const Variable& variable, std::string_view where) {
  fail(where,
       "the weights must be free: wait for the fit, evaluation or prediction that holds them, or finish() the "
       "Trainer; a callback uses its RunControl. Got ",
       variable.path, ", which is held.");
}

std::atomic_ref<bool> mark_of(Variable& variable) { return std::atomic_ref<bool>(variable.held); }

}  // namespace

void require_not_held(const Model& model, std::string_view where) {
  for (const auto& variable : model.weights())
    if (mark_of(*variable).load(std::memory_order_acquire)) refuse(*variable, where);
}

WeightsHold::WeightsHold(const Model& model, std::string_view where) {
  const std::lock_guard lock(paths_mutex());  // the paths of this model stay while it holds them
  const auto weights = model.weights();
  held_.reserve(weights.size());
  for (const auto& variable : weights) {
    if (mark_of(*variable).exchange(true, std::memory_order_acq_rel)) {
      let_go();
      refuse(*variable, where);
    }
    held_.push_back({variable, !variable->value.empty()});
  }
}

WeightsHold::~WeightsHold() { let_go(); }

void WeightsHold::let_go() {
  for (const Held& held : held_)
    if (!held.had_value || !held.variable->value.empty())
      mark_of(*held.variable).store(false, std::memory_order_release);
  held_.clear();
}

}  // namespace batchwise
