// The way forward of a recurrent cell: products of inputs for some steps at once, then step after step.
#include <algorithm>

#include "kernels/product/product.h"
#include "kernels/recurrent/float_loops.h"
#include "kernels/recurrent/recurrence_kernel.h"

namespace batchwise {
void Recurrence::forward(const ForwardCall& call) const {
  const Run run = start(call.saved, call.scratch, call.inputs);
  const float* x = static_cast<const float*>(call.inputs[0]);
  const float* bias = o_.bias ? call.weights[2] : nullptr;
  if (o_.dropout > 0) {
    float *factors = m_.x_factors.in(call.scratch), *dropped = m_.x_dropped.in(call.scratch);
    for (const GateRange& range : input_ranges_) {
      drop_inputs(call.address, range, factors, x, dropped);
      input_->forward(dropped, 0, l_.steps, range, call.weights[0], at(bias, range.first), run.gates,
                      m_.maps_forward.in(call.scratch));
    }
  }
  float* h_factors = m_.h_factors.in(call.scratch);
  draw_states(call.address, h_factors);
  for (int64_t step = 0; step < l_.steps; ++step) {
    if (o_.dropout == 0 && step % kStepsTogether == 0)
      input_->forward(x, step, std::min(kStepsTogether, l_.steps - step), {0, l_.gates, 0}, call.weights[0], bias,
                      gates(run, step), m_.maps_forward.in(call.scratch));
    take(run, step, call, h_factors);
    if (o_.sequences || step + 1 == l_.steps) write_output(run, step, static_cast<float*>(call.outputs[0]));
  }
  if (!o_.states) return;
  unpad(h(run, l_.steps), static_cast<float*>(call.outputs[1]));
  if (o_.cell == Cell::Lstm) unpad(c(run, l_.steps), static_cast<float*>(call.outputs[2]));
}

void Recurrence::drop_inputs(const SampleAddress& address, const GateRange& range, float* factors, const float* x,
                             float* dropped) const {
  input_dropout_.draw(address, variant(range), l_.samples, step_inputs_, factors);
  for (int64_t sample = 0; sample < l_.samples; ++sample)
    for (int64_t step = 0; step < l_.steps; ++step) {
      const int64_t place = (sample * l_.steps + step) * step_inputs_;
      multiply_into(x + place, factors + sample * step_inputs_, dropped + place, step_inputs_);
    }
}

void Recurrence::draw_states(const SampleAddress& address, float* factors) const {
  if (o_.recurrent_dropout == 0) return;
  for (int v = 0; v < (o_.drop_by_gate ? static_cast<int>(l_.gates) : 1); ++v)
    state_dropout_.draw(address, v, l_.samples, l_.positions * l_.width, factors + v * l_.state());
}

void Recurrence::pad(const float* from, float* to) const {
  for (int64_t row = 0; row < l_.rows(); ++row) {
    std::copy_n(from + row * l_.units, l_.units, to + row * l_.width);
    std::fill(to + row * l_.width + l_.units, to + (row + 1) * l_.width, 0.0f);
  }
}

void Recurrence::unpad(const float* from, float* to) const {
  for (int64_t row = 0; row < l_.rows(); ++row) std::copy_n(from + row * l_.width, l_.units, to + row * l_.units);
}

void Recurrence::write_output(const Run& run, int64_t step, float* y) const {
  const float* state = h(run, step + 1);
  for (int64_t sample = 0; sample < l_.samples; ++sample) {
    float* to = y + output_place(sample, step);
    const bool shown = run.steps.show_state(sample, step);
    for (int64_t p = 0; p < l_.positions; ++p, to += l_.units)
      if (shown) std::copy_n(state + (sample * l_.positions + p) * l_.width, l_.units, to);
      else std::fill_n(to, l_.units, 0.0f);
  }
}

Recurrence::Run Recurrence::start(void* saved, void* scratch, std::span<const void* const> inputs) const {
  void* kept = o_.learns ? saved : scratch;
  const Run run{m_.gates.in(kept), m_.h.in(kept), m_.c.in(kept),
                MaskedSteps(l_, o_.masked ? inputs[1] : nullptr, o_.zero_masked, m_.first_forward.in(scratch))};
  const size_t states = o_.masked ? 2 : 1;
  for (int64_t i = 0; i < state_count(); ++i) {
    float* to = i == 0 ? run.h : run.c;
    if (o_.initial_states) pad(static_cast<const float*>(inputs[states + static_cast<size_t>(i)]), to);
    else std::fill_n(to, l_.state(), 0.0f);
  }
  return run;
}

GateStep Recurrence::gate_step(const Run& run, int64_t step) const {
  GateStep s;
  s.rows = l_.rows();
  s.width = l_.width;
  s.mask = run.steps.mask_of(step);
  s.mask_row = l_.steps;
  s.rows_of_sample = l_.positions;
  s.activation = o_.activation;
  s.recurrent_activation = o_.recurrent_activation;
  s.gates = gates(run, step);
  s.gate_row = l_.gate_row();
  s.h_before = h(run, step);
  s.h = h(run, step + 1);
  s.c_before = c(run, step);
  s.c = c(run, step + 1);
  return s;
}

void Recurrence::take(const Run& run, int64_t step, const ForwardCall& call, const float* h_factors) const {
  GateStep s = gate_step(run, step);
  float* dropped = m_.h_dropped.in(call.scratch);
  void* scratch = m_.maps_forward.in(call.scratch);
  const auto operand = [&](int v) {
    if (!h_factors) return s.h_before;
    multiply_into(s.h_before, h_factors + v * l_.state(), dropped, l_.state());
    return static_cast<const float*>(dropped);
  };
  for (const GateRange& range : state_ranges_) {
    const float* bias = o_.cell == Cell::Gru && o_.bias ? at(call.weights[2], l_.gates + range.first) : nullptr;
    state_->forward(operand(variant(range)), l_.width, range, call.weights[1], bias, s.gates,
                    range.slot != 3 || o_.cell == Cell::Lstm, scratch);
  }
  switch (o_.cell) {
    case Cell::SimpleRnn: return simple_rnn_step(s);
    case Cell::Lstm: return lstm_step(s);
    case Cell::Gru: return gru_step(s);
    case Cell::GruResetBefore: break;
  }
  s.operand = operand(variant(kCandidate));
  gru_reset_step(s);
  state_->forward(s.gates + 3 * l_.width, l_.gate_row(), kCandidate, call.weights[1], nullptr, s.gates, true, scratch);
  gru_candidate_step(s);
}

}  // namespace batchwise
