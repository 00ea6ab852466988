// Regularisation of the weights: its share of the loss, and of the gradients.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/optimizer.h>

#include "training/variable_store.h"

namespace batchwise {

class WeightPenalties {
 public:
  // Those of the weights that learn.
  explicit WeightPenalties(const VariableStore& variables);

  double value(const VariableStore& variables) const;                                     // of the weights as they are
  const Regularizer* of(size_t variable) const { return regularizers_[variable].get(); }  // null: none

 private:
  std::vector<std::unique_ptr<Regularizer>> regularizers_;
};

}  // namespace batchwise
