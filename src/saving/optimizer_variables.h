// Which variables an optimizer has for a model, in the order of Keras's files.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/optimizer.h>

namespace batchwise {

struct OptimizerVariable {
  std::string name;  // "dense_kernel_momentum": as in OptimizerState::slots
  Shape shape;
  size_t place;  // among all: two weights may come to one name
};

// Without iteration and learning rate: averages of all trainable weights, accumulators of all, then the first slots
// interleaved per weight, then each later slot for all weights.
std::vector<OptimizerVariable> optimizer_variables(const Model& model, const Optimizer& optimizer);

// Throws where the state is not that of these variables.
void require_state_of(const std::vector<OptimizerVariable>& variables, const OptimizerState& state,
                      const Optimizer& optimizer);

// The learning rate of a state, of an optimizer without a schedule. One that has counted updates says it, 0 as well;
// with none, 0 says nothing: the rate is the optimizer's own.
std::optional<double> learning_rate_of(const OptimizerState& state);

// No state, and why: a file holds that of other weights. As Keras, which warns and begins anew.
OptimizerState state_left_out(const std::string& where, const Optimizer& optimizer, size_t expected, size_t stored);
// The same where the counts agree and the shape of a variable does not.
OptimizerState state_left_out(const std::string& where, const OptimizerVariable& variable, const Shape& stored);

}  // namespace batchwise
