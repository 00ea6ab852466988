// What the gates of recurrent cells compute in one step, forward and backward, for the machine's instruction set.
#pragma once

#include <cstdint>

#include "kernels/simd/activation_table.h"

namespace batchwise {

// One step of some rows. A row of gates is `gate_row` floats: slots of `width`, a multiple of 16. What a slot keeps for
// the backward pass is the activation's output, or its input where the slope needs that.
struct GateStep {
  int64_t rows = 0;
  int64_t width = 0;
  const uint8_t* mask = nullptr;  // null: every row counts; rows that do not count repeat their state
  int64_t mask_row = 0;           // bytes between the masks of samples
  int64_t rows_of_sample = 1;
  ActivationFunction activation, recurrent_activation;
  float* gates = nullptr;
  int64_t gate_row = 0;
  const float* h_before = nullptr;
  float* h = nullptr;
  const float* c_before = nullptr;  // LSTM
  float* c = nullptr;
  const float* operand = nullptr;  // GRU with the reset before: what is reset, the state after its dropout

  bool counts(int64_t row) const { return !mask || mask[row / rows_of_sample * mask_row]; }
};

// Slots: h.
void simple_rnn_step(const GateStep& step);
// Slots: i, f, c, o.
void lstm_step(const GateStep& step);
// Slots: z, r, h of the input, h of the state.
void gru_step(const GateStep& step);
// Slots: z, r, h, what r lets through of the state: first the gates, then, with the product added, the state.
void gru_reset_step(const GateStep& step);
void gru_candidate_step(const GateStep& step);

// The same backward: reads `forward`'s slots and states, writes the gradients of slots. dh, dc: gradients of the states
// after the step on entry; on return of those before it, but for what the recurrent product brings.
struct GateGradientStep {
  GateStep forward;
  float* gates = nullptr;  // gradients, in rows of forward.gate_row
  float* dh = nullptr;
  float* dc = nullptr;
  float* reset = nullptr;  // gru_reset_gradient: gradient of slot 3 on entry, of the operand on return
};

void simple_rnn_gradient(const GateGradientStep& step);
void lstm_gradient(const GateGradientStep& step);
void gru_gradient(const GateGradientStep& step);
// In this order: all but r, then r.
void gru_candidate_gradient(const GateGradientStep& step);
void gru_reset_gradient(const GateGradientStep& step);

}  // namespace batchwise
