// A recurrent cell over all steps of a sequence.
#pragma once

#include <functional>
#include <memory>

#include <batchwise/kernel.h>

#include "kernels/recurrent/step_maps.h"
#include "kernels/simd/recurrent_gates.h"

namespace batchwise {

enum class Cell { SimpleRnn, Lstm, Gru, GruResetBefore };
int64_t gates_of(Cell cell);
int64_t slots_of(Cell cell);

struct RecurrenceOptions {
  Cell cell = Cell::Lstm;
  TensorType input;  // plain, (steps, ...)
  Shape state;       // of one sample: (units), or (positions..., units)
  int64_t grain = 1;
  ActivationFunction activation, recurrent_activation;
  bool bias = true;
  bool backwards = false;       // the last step comes first; outputs are in the order in which they were made
  bool sequences = false;       // the output of every step, else that of the last one
  bool states = false;          // the states after the last step are outputs too
  bool masked = false;          // the second input says which steps count
  bool zero_masked = false;     // steps that do not count give zeros, else what came before
  bool initial_states = false;  // the last inputs
  double dropout = 0, recurrent_dropout = 0;
  bool drop_by_gate = false;  // each gate draws its own
  uint64_t key = 0;           // of the randomness
  bool bfloat16 = false;      // operands of products are rounded; sums, gates and states are not
  bool learns = false;        // a backward pass follows, and somebody wants a gradient
};

// Inputs: the sequence, with `masked` a mask (steps), with `initial_states` the states. Outputs: see `sequences` and
// `states`. Weights: kernel (..., gates * units), recurrent kernel (..., units, gates * units), bias (gates * units),
// of a GRU with the reset after (2, gates * units). LSTM: gates i, f, c, o; GRU: z, r, h.
std::unique_ptr<Kernel> make_recurrence(const RecurrenceOptions& options,
                                        const std::function<std::unique_ptr<InputMap>(const StepLayout&)>& input,
                                        const std::function<std::unique_ptr<StateMap>(const StepLayout&)>& state);

}  // namespace batchwise
