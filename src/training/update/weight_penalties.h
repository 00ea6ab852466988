// Regularisation of the weights: its share of the loss, and of the gradients.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/optimizer.h>

#include "training/update/variable_store.h"

namespace batchwise {

class WeightPenalties {
 public:
  // Those of the weights that learn. Throws when one does not fit its weight.
  explicit WeightPenalties(const VariableStore& variables);

  // Of the weights as they are. `scratch`: scratch_bytes.
  double value(const VariableStore& variables, std::byte* scratch) const;
  int64_t scratch_bytes() const { return scratch_bytes_; }
  bool any_whole() const { return any_whole_; }                                           // looks at a whole weight
  const Regularizer* of(size_t variable) const { return regularizers_[variable].get(); }  // null: none
  // Adds that of a penalty which looks at the whole weight to its gradient, both as stored.
  void add_gradient(size_t variable, const VariableStore& variables, float* gradient, std::byte* scratch) const;

 private:
  std::vector<std::unique_ptr<Regularizer>> regularizers_;
  int64_t scratch_bytes_ = 0;
  bool any_whole_ = false;
};

}  // namespace batchwise
