// The linear maps of a recurrent cell: from the input of every step, and from the state, to the gates.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// Some neighbouring gates of the weights, and the first slot of a row of gates that they go to.
struct GateRange {
  int64_t first = 0, count = 0, slot = 0;
};

// How steps lie. Inputs as the tensor has them, (sample, step, ...); gates and states by steps in the order in which
// they are taken: (step, row, slot, width), (step, row, width), a row for each position of each sample.
struct StepLayout {
  int64_t samples = 1;
  int64_t steps = 1;
  int64_t units = 0;      // of a gate
  int64_t width = 0;      // units in whole panels
  int64_t gates = 1;      // of the weights
  int64_t slots = 1;      // of a row
  int64_t positions = 1;  // rows of a sample: those of an image
  bool backwards = false;
  bool bfloat16 = false;  // products round their operands, in the scratch of a call

  int64_t rows() const { return samples * positions; }
  int64_t gate_row() const { return slots * width; }
  int64_t state() const { return rows() * width; }
  int64_t step_gates() const { return rows() * gate_row(); }
  int64_t input_step(int64_t step) const { return backwards ? steps - 1 - step : step; }
};

// Allocates nothing after its construction. Weights: as forward() lies for values and gradients, as backward() lies for
// gradients of what they are applied to.
class StepMap {
 public:
  virtual ~StepMap() = default;
  virtual WeightLayoutPtr forward_layout() const = 0;
  virtual WeightLayoutPtr backward_layout() const = 0;
  virtual WeightLayoutPtr gradient_layout() const { return forward_layout(); }
  virtual int64_t scratch() const = 0;  // bytes that each call may use
};

class InputMap : public StepMap {
 public:
  // Gates of steps [first, first + count) at `gates`, those of step `first`.
  virtual void forward(const float* x, int64_t first, int64_t count, const GateRange& range, const float* weights,
                       const float* bias, float* gates, void* scratch) const = 0;
  virtual void input_gradient(const float* gates, const GateRange& range, const float* weights, float* dx,
                              bool accumulate, void* scratch) const = 0;
  virtual void weight_gradient(const float* x, const float* gates, const GateRange& range, float* weights,
                               void* scratch) const = 0;
};

class StateMap : public StepMap {
 public:
  // gates (+)= state * weights. h_row: floats between rows of the state.
  virtual void forward(const float* h, int64_t h_row, const GateRange& range, const float* weights, const float* bias,
                       float* gates, bool accumulate, void* scratch) const = 0;
  // dh (+)= gates * weights'.
  virtual void state_gradient(const float* gates, const GateRange& range, const float* weights, float* dh,
                              bool accumulate, void* scratch) const = 0;
  // Over all steps; h: the state before the first.
  virtual void weight_gradient(const float* h, int64_t h_row, const float* gates, const GateRange& range,
                               float* weights, void* scratch) const = 0;
};

// Products on rows of `inputs` values, of a state of `units`.
std::unique_ptr<InputMap> dense_input_map(const StepLayout& layout, int64_t inputs);
std::unique_ptr<StateMap> dense_state_map(const StepLayout& layout);

}  // namespace batchwise
