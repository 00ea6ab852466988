// The way back of a recurrent cell: step after step from the last, then the weights from one product over all steps.
#include <algorithm>

#include "kernels/product/columns.h"
#include "kernels/recurrent/float_loops.h"
#include "kernels/recurrent/recurrence_kernel.h"

namespace batchwise {

void Recurrence::backward(const BackwardCall& call) const {
  const Run run = start_backward(call);
  float *dgates = m_.dgates.in(call.scratch), *dh = m_.dh.in(call.scratch), *dc = m_.dc.in(call.scratch);
  float* h_factors = m_.h_factors_backward.in(call.scratch);
  draw_states(call.address, h_factors);
  begin_gradients(call, dh, dc);
  const auto* dy = static_cast<const float*>(call.output_gradients[0]);
  bool wants_states = false;
  for (size_t i = o_.masked ? 2 : 1; i < call.input_gradients.size(); ++i)
    wants_states = wants_states || call.input_gradients[i];
  for (int64_t step = l_.steps - 1; step >= 0; --step) {
    if (dy && (o_.sequences || step + 1 == l_.steps)) add_output_gradient(run, step, dy, dh);
    step_gradient(run, step, call, dgates + step * l_.step_gates(), h_factors);
    if (step > 0 || wants_states) state_gradient(call, dgates + step * l_.step_gates(), h_factors, dh);
  }
  finish_states(call, dh, dc);
  weight_gradients(call, run, dgates, h_factors);
  if (call.input_gradients[0]) input_gradient(call, dgates);
}

void Recurrence::add_output_gradient(const Run& run, int64_t step, const float* dy, float* dh) const {
  for (int64_t sample = 0; sample < l_.samples; ++sample) {
    if (!run.steps.show_state(sample, step)) continue;
    const float* from = dy + output_place(sample, step);
    for (int64_t p = 0; p < l_.positions; ++p)
      add(from + p * l_.units, dh + (sample * l_.positions + p) * l_.width, l_.units);
  }
}

Recurrence::Run Recurrence::start_backward(const BackwardCall& call) const {
  void* saved = const_cast<void*>(call.saved);  // read only
  return {m_.gates.in(saved), m_.h.in(saved), m_.c.in(saved),
          MaskedSteps(l_, o_.masked ? call.inputs[1] : nullptr, o_.zero_masked, m_.first_backward.in(call.scratch))};
}

void Recurrence::begin_gradients(const BackwardCall& call, float* dh, float* dc) const {
  for (size_t i = 0; i < static_cast<size_t>(state_count()); ++i) {
    float* to = i == 0 ? dh : dc;
    const void* from = o_.states ? call.output_gradients[1 + i] : nullptr;
    if (from) pad(static_cast<const float*>(from), to);
    else std::fill_n(to, l_.state(), 0.0f);
  }
}

void Recurrence::step_gradient(const Run& run, int64_t step, const BackwardCall& call, float* dgates,
                               const float* h_factors) const {
  GateGradientStep g;
  g.forward = gate_step(run, step);
  g.gates = dgates;
  g.dh = m_.dh.in(call.scratch);
  g.dc = m_.dc.in(call.scratch);
  g.reset = m_.reset.in(call.scratch);
  switch (o_.cell) {
    case Cell::SimpleRnn: simple_rnn_gradient(g); break;
    case Cell::Lstm: lstm_gradient(g); break;
    case Cell::Gru: gru_gradient(g); break;
    case Cell::GruResetBefore: reset_gradient(g, call, h_factors); break;
  }
  if (l_.units < l_.width)
    for (int64_t row = 0; row < l_.rows() * l_.slots; ++row)
      std::fill(dgates + row * l_.width + l_.units, dgates + (row + 1) * l_.width, 0.0f);
}

void Recurrence::reset_gradient(GateGradientStep& g, const BackwardCall& call, const float* h_factors) const {
  gru_candidate_gradient(g);
  state_->state_gradient(g.gates, kCandidate, call.weights[1], g.reset, false, m_.maps_backward.in(call.scratch));
  const float* factors = h_factors ? h_factors + variant(kCandidate) * l_.state() : nullptr;
  g.forward.operand = g.forward.h_before;
  if (factors) {
    float* dropped = m_.h_dropped_backward.in(call.scratch);
    multiply_into(g.forward.h_before, factors, dropped, l_.state());
    g.forward.operand = dropped;
  }
  gru_reset_gradient(g);
  if (factors) add_product(g.reset, factors, g.dh, l_.state());
  else add(g.reset, g.dh, l_.state());
}

void Recurrence::state_gradient(const BackwardCall& call, const float* dgates, const float* h_factors,
                                float* dh) const {
  void* scratch = m_.maps_backward.in(call.scratch);
  float* dropped = m_.h_dropped_backward.in(call.scratch);
  for (const GateRange& range : state_ranges_) {
    state_->state_gradient(dgates, range, call.weights[1], h_factors ? dropped : dh, !h_factors, scratch);
    if (h_factors) add_product(dropped, h_factors + variant(range) * l_.state(), dh, l_.state());
  }
}

void Recurrence::finish_states(const BackwardCall& call, const float* dh, const float* dc) const {
  if (!o_.initial_states) return;
  const size_t first = o_.masked ? 2 : 1;
  for (size_t i = 0; i < static_cast<size_t>(state_count()); ++i)
    if (void* to = call.input_gradients[first + i]) unpad(i == 0 ? dh : dc, static_cast<float*>(to));
}

void Recurrence::weight_gradients(const BackwardCall& call, const Run& run, const float* dgates,
                                  const float* h_factors) const {
  void* scratch = m_.maps_backward.in(call.scratch);
  if (float* weights = call.weight_gradients[0]) {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float *factors = m_.x_factors_backward.in(call.scratch), *dropped = m_.x_dropped_backward.in(call.scratch);
    for (const GateRange& range : input_ranges_) {
      if (factors) drop_inputs(call.address, range, factors, x, dropped);
      input_->weight_gradient(factors ? dropped : x, dgates, range, weights, scratch);
    }
  }
  if (float* weights = call.weight_gradients[1]) {
    float* dropped = m_.h_dropped_backward.in(call.scratch);
    for (const GateRange& range : state_ranges_) {
      for (int64_t step = 0; h_factors && step < l_.steps; ++step)
        multiply_into(h(run, step), h_factors + variant(range) * l_.state(), dropped + step * l_.state(), l_.state());
      state_->weight_gradient(h_factors ? dropped : run.h, l_.width, dgates, range, weights, scratch);
    }
    if (o_.cell == Cell::GruResetBefore)
      state_->weight_gradient(run.gates + 3 * l_.width, l_.gate_row(), dgates, kCandidate, weights, scratch);
  }
  if (o_.bias && call.weight_gradients[2]) bias_gradient(call, dgates, call.weight_gradients[2]);
}

void Recurrence::bias_gradient(const BackwardCall& call, const float* dgates, float* bias) const {
  float* sums = m_.sums.in(call.scratch);
  sum_columns(dgates, l_.steps * l_.rows(), l_.gate_row(), sums);
  std::copy_n(sums, l_.gates * l_.width, bias);
  if (o_.cell != Cell::Gru) return;
  std::copy_n(sums, 2 * l_.width, bias + l_.gates * l_.width);
  std::copy_n(sums + 3 * l_.width, l_.width, bias + (l_.gates + 2) * l_.width);
}

void Recurrence::input_gradient(const BackwardCall& call, const float* dgates) const {
  float* dx = static_cast<float*>(call.input_gradients[0]);
  float *factors = m_.x_factors_backward.in(call.scratch), *part = m_.x_dropped_backward.in(call.scratch);
  void* scratch = m_.maps_backward.in(call.scratch);
  if (!factors) return input_->input_gradient(dgates, {0, l_.gates, 0}, call.weights[0], dx, false, scratch);
  std::fill_n(dx, input_count(), 0.0f);
  for (const GateRange& range : input_ranges_) {
    input_->input_gradient(dgates, range, call.weights[0], part, false, scratch);
    input_dropout_.draw(call.address, variant(range), l_.samples, step_inputs_, factors);
    for (int64_t row = 0; row < l_.samples * l_.steps; ++row)
      add_product(part + row * step_inputs_, factors + row / l_.steps * step_inputs_, dx + row * step_inputs_,
                  step_inputs_);
  }
}

}  // namespace batchwise
