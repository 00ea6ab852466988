// Regularisation of the weights.
#include "training/update/weight_penalties.h"

#include <algorithm>

#include "plan/placement.h"
#include "training/update/canonical.h"

namespace batchwise {
namespace {
constexpr int64_t kRun = 8192;  // elements added up at a time: the order of the sum, whatever the machine
}

WeightPenalties::WeightPenalties(const VariableStore& variables) : regularizers_(variables.size()) {
  for (size_t v = 0; v < variables.size(); ++v) {
    const Variable& variable = variables.variable(v);
    if (!variable.learns() || variable.spec.regularizer.empty()) continue;
    regularizers_[v] = make_regularizer(variable.spec.regularizer);
    regularizers_[v]->check(variable.spec.shape);
    if (!regularizers_[v]->is_whole()) continue;
    any_whole_ = true;
    scratch_bytes_ = std::max(
        scratch_bytes_, 2 * Canonical::bytes(variables, v) + aligned(regularizers_[v]->scratch(variable.spec.shape)));
  }
}

double WeightPenalties::value(const VariableStore& variables, std::byte* scratch) const {
  double sum = 0;
  for (size_t v = 0; v < regularizers_.size(); ++v) {
    if (!regularizers_[v]) continue;
    if (regularizers_[v]->is_whole()) {
      std::byte* memory = scratch;
      const Canonical weights(variables, v, variables.stored(v), memory);
      sum += regularizers_[v]->value_of(variables.variable(v).spec.shape, weights.values(), memory);
      continue;
    }
    const int64_t count = variables.stored_count(v);
    for (int64_t begin = 0; begin < count; begin += kRun)
      sum += regularizers_[v]->value(variables.stored(v) + begin, std::min(kRun, count - begin));
  }
  return sum;
}

void WeightPenalties::add_gradient(size_t v, const VariableStore& variables, float* gradient,
                                   std::byte* scratch) const {
  const Canonical weights(variables, v, variables.stored(v), scratch);
  const Canonical sum(variables, v, gradient, scratch);
  regularizers_[v]->add_gradient_of(variables.variable(v).spec.shape, weights.values(), sum.values(), scratch);
  sum.store();
}

}  // namespace batchwise
