// The arguments that cells with gates share: weights, activations, dropout.
#pragma once

#include <batchwise/layer.h>

#include "kernels/recurrent/recurrence.h"

namespace batchwise {

struct GateArguments {
  bool has_recurrent_activation = true;  // SimpleRNN has none
  Spec activation, recurrent_activation;
  bool use_bias = true, unit_forget_bias = false;
  Spec kernel_initializer, recurrent_initializer, bias_initializer;
  Spec kernel_regularizer, recurrent_regularizer, bias_regularizer;
  Spec kernel_constraint, recurrent_constraint, bias_constraint;
  double dropout = 0, recurrent_dropout = 0;
  Config seed;

  GateArguments(std::string_view layer, const Config& config, Cell cell);
  void append_to(Config& config, Cell cell) const;  // Keras's entries, "dropout" and what follows at the end
  std::vector<VariableSpec> variables(const Shape& kernel, const Shape& recurrent_kernel, const Shape& bias) const;
  std::vector<std::string> names() const;

  // Activations, bias, dropout, masks and states of a call on a sequence; what is left is the shapes and the maps.
  RecurrenceOptions recurrence(Lowering& lowering, Value sequence, Value mask, std::span<const Value> states) const;
};

}  // namespace batchwise
