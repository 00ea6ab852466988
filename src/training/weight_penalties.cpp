// Regularisation of the weights.
#include "training/weight_penalties.h"

#include <algorithm>

namespace batchwise {
namespace {
constexpr int64_t kRun = 8192;  // elements added up at a time: the order of the sum, whatever the machine
}

WeightPenalties::WeightPenalties(const VariableStore& variables) : regularizers_(variables.size()) {
  for (size_t v = 0; v < variables.size(); ++v) {
    const Variable& variable = variables.variable(v);
    if (variable.learns() && !variable.spec.regularizer.empty())
      regularizers_[v] = make_regularizer(variable.spec.regularizer);
  }
}

double WeightPenalties::value(const VariableStore& variables) const {
  double sum = 0;
  for (size_t v = 0; v < regularizers_.size(); ++v) {
    if (!regularizers_[v]) continue;
    const int64_t count = variables.stored_count(v);
    for (int64_t begin = 0; begin < count; begin += kRun)
      sum += regularizers_[v]->value(variables.stored(v) + begin, std::min(kRun, count - begin));
  }
  return sum;
}

}  // namespace batchwise
