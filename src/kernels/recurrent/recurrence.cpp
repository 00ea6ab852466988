// Recurrent cells over sequences: the gates of all steps are kept, so that weights learn from one product over all.
#include "kernels/recurrent/recurrence.h"

#include <algorithm>
#include <cstring>

#include <batchwise/error.h>

#include "kernels/product/columns.h"
#include "kernels/product/product.h"
#include "kernels/recurrent/float_loops.h"
#include "kernels/recurrent/gate_panels.h"
#include "kernels/recurrent/masked_steps.h"
#include "kernels/recurrent/recurrence_memory.h"
#include "kernels/recurrent/sequence_dropout.h"

namespace batchwise {

int64_t gates_of(Cell cell) { return cell == Cell::SimpleRnn ? 1 : cell == Cell::Lstm ? 4 : 3; }
int64_t slots_of(Cell cell) { return cell == Cell::SimpleRnn ? 1 : 4; }

namespace {

constexpr GateRange kCandidate{2, 1, 2};

StepLayout step_layout(const RecurrenceOptions& o) {
  StepLayout layout;
  layout.samples = o.grain;
  layout.steps = o.input.shape[0];
  layout.units = o.state.back();
  layout.width = in_panels(layout.units);
  layout.gates = gates_of(o.cell);
  layout.slots = slots_of(o.cell);
  layout.positions = o.state.count() / layout.units;
  layout.backwards = o.backwards;
  layout.bfloat16 = o.bfloat16;
  return layout;
}

class Recurrence final : public Kernel {
 public:
  Recurrence(const RecurrenceOptions& options, const std::function<std::unique_ptr<InputMap>(const StepLayout&)>& input,
             const std::function<std::unique_ptr<StateMap>(const StepLayout&)>& state)
      : o_(options),
        l_(step_layout(options)),
        input_(input(l_)),
        state_(state(l_)),
        input_dropout_{options.dropout, mix(options.key, 1)},
        state_dropout_{options.recurrent_dropout, mix(options.key, 2)},
        step_inputs_(options.input.shape.count() / l_.steps),
        m_(options, l_, std::max(input_->scratch(), state_->scratch())) {
    const int64_t each = o_.drop_by_gate ? l_.gates : 1;
    for (int64_t first = 0; first < l_.gates; first += l_.gates / each)
      input_ranges_.push_back({first, l_.gates / each, first});
    if (o_.cell == Cell::SimpleRnn) state_ranges_ = {{0, 1, 0}};
    else if (o_.cell == Cell::Lstm) state_ranges_ = {{0, 4, 0}};
    else state_ranges_ = {{0, 2, 0}};
    if (o_.recurrent_dropout > 0 && o_.drop_by_gate) {
      const int64_t count = state_ranges_[0].count;
      state_ranges_.clear();
      for (int64_t gate = 0; gate < count; ++gate) state_ranges_.push_back({gate, 1, gate});
    }
    if (o_.cell == Cell::Gru) state_ranges_.push_back({2, 1, 3});
  }

  std::string_view kind() const override {
    return o_.cell == Cell::SimpleRnn ? "simple_rnn" : o_.cell == Cell::Lstm ? "lstm" : "gru";
  }
  std::vector<TensorType> outputs() const override {
    TensorType output{o_.state};
    if (o_.sequences) output.shape = o_.state.with_batch(l_.steps);
    std::vector<TensorType> all{output};
    if (o_.states)
      for (int64_t i = 0; i < state_count(); ++i) all.push_back({o_.state});
    return all;
  }
  KernelMemory memory() const override {
    return {.saved = m_.saved.bytes(), .forward_scratch = m_.forward.bytes(), .backward_scratch = m_.backward.bytes()};
  }
  KernelCost cost() const override {
    const double rows = static_cast<double>(l_.rows() * l_.steps), out = static_cast<double>(l_.gates * l_.units);
    const double in = static_cast<double>(step_inputs_) / static_cast<double>(l_.positions);
    return {.flops = rows * out * (2 * (in + static_cast<double>(l_.units)) + 20),
            .bytes = 4 * rows * (in + static_cast<double>(3 * l_.slots * l_.width))};
  }
  WeightLayoutPtr forward_layout(int index) const override {
    return index == 0 ? input_->forward_layout() : index == 1 ? state_->forward_layout() : gate_panels(bias_shape());
  }
  WeightLayoutPtr gradient_layout(int index) const override {
    return index == 0 ? input_->gradient_layout() : index == 1 ? state_->gradient_layout() : forward_layout(index);
  }
  WeightLayoutPtr backward_layout(int index) const override {
    return index == 0 ? input_->backward_layout() : index == 1 ? state_->backward_layout() : forward_layout(index);
  }
  bool backward_reads_weight(int index) const override { return index < 2; }

  void forward(const ForwardCall& call) const override {
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

  void backward(const BackwardCall& call) const override {
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

 private:
  // The memory of one call.
  struct Run {
    float *gates = nullptr, *h = nullptr, *c = nullptr;
    MaskedSteps steps;
  };

  int64_t state_count() const { return o_.cell == Cell::Lstm ? 2 : 1; }
  GateKernelShape bias_shape() const { return {1, 1, o_.cell == Cell::Gru ? 2 * l_.gates : l_.gates, l_.units}; }
  const float* at(const float* bias, int64_t gate) const { return bias ? bias + gate * l_.width : nullptr; }
  int variant(const GateRange& range) const { return o_.drop_by_gate ? static_cast<int>(range.first) : 0; }
  int64_t input_count() const { return l_.samples * l_.steps * step_inputs_; }
  int64_t slot_of_step(int64_t step) const { return m_.whole ? step : step % kStepsTogether; }
  float* gates(const Run& run, int64_t step) const { return run.gates + slot_of_step(step) * l_.step_gates(); }
  float* h(const Run& run, int64_t step) const { return run.h + (o_.learns ? step : step % 2) * l_.state(); }
  float* c(const Run& run, int64_t step) const {
    return run.c ? run.c + (o_.learns ? step : step % 2) * l_.state() : nullptr;
  }

  // ---- randomness ----

  void drop_inputs(const SampleAddress& address, const GateRange& range, float* factors, const float* x,
                   float* dropped) const {
    input_dropout_.draw(address, variant(range), l_.samples, step_inputs_, factors);
    for (int64_t sample = 0; sample < l_.samples; ++sample)
      for (int64_t step = 0; step < l_.steps; ++step) {
        const int64_t place = (sample * l_.steps + step) * step_inputs_;
        multiply_into(x + place, factors + sample * step_inputs_, dropped + place, step_inputs_);
      }
  }
  void draw_states(const SampleAddress& address, float* factors) const {
    if (o_.recurrent_dropout == 0) return;
    for (int v = 0; v < (o_.drop_by_gate ? static_cast<int>(l_.gates) : 1); ++v)
      state_dropout_.draw(address, v, l_.samples, l_.positions * l_.width, factors + v * l_.state());
  }

  // ---- states and outputs between (sample, units) and padded rows ----

  void pad(const float* from, float* to) const {
    for (int64_t row = 0; row < l_.rows(); ++row) {
      std::copy_n(from + row * l_.units, l_.units, to + row * l_.width);
      std::fill(to + row * l_.width + l_.units, to + (row + 1) * l_.width, 0.0f);
    }
  }
  void unpad(const float* from, float* to) const {
    for (int64_t row = 0; row < l_.rows(); ++row) std::copy_n(from + row * l_.width, l_.units, to + row * l_.units);
  }
  int64_t output_place(int64_t sample, int64_t step) const {
    return (o_.sequences ? sample * l_.steps + step : sample) * l_.positions * l_.units;
  }
  void write_output(const Run& run, int64_t step, float* y) const {
    const float* state = h(run, step + 1);
    for (int64_t sample = 0; sample < l_.samples; ++sample) {
      float* to = y + output_place(sample, step);
      const bool shown = run.steps.show_state(sample, step);
      for (int64_t p = 0; p < l_.positions; ++p, to += l_.units)
        if (shown) std::copy_n(state + (sample * l_.positions + p) * l_.width, l_.units, to);
        else std::fill_n(to, l_.units, 0.0f);
    }
  }
  void add_output_gradient(const Run& run, int64_t step, const float* dy, float* dh) const {
    for (int64_t sample = 0; sample < l_.samples; ++sample) {
      if (!run.steps.show_state(sample, step)) continue;
      const float* from = dy + output_place(sample, step);
      for (int64_t p = 0; p < l_.positions; ++p)
        add(from + p * l_.units, dh + (sample * l_.positions + p) * l_.width, l_.units);
    }
  }

  // ---- forward ----

  Run start(void* saved, void* scratch, std::span<const void* const> inputs) const {
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
  GateStep gate_step(const Run& run, int64_t step) const {
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
  void take(const Run& run, int64_t step, const ForwardCall& call, const float* h_factors) const {
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
    state_->forward(s.gates + 3 * l_.width, l_.gate_row(), kCandidate, call.weights[1], nullptr, s.gates, true,
                    scratch);
    gru_candidate_step(s);
  }

  // ---- backward ----

  Run start_backward(const BackwardCall& call) const {
    void* saved = const_cast<void*>(call.saved);  // read only
    return {m_.gates.in(saved), m_.h.in(saved), m_.c.in(saved),
            MaskedSteps(l_, o_.masked ? call.inputs[1] : nullptr, o_.zero_masked, m_.first_backward.in(call.scratch))};
  }
  void begin_gradients(const BackwardCall& call, float* dh, float* dc) const {
    for (size_t i = 0; i < static_cast<size_t>(state_count()); ++i) {
      float* to = i == 0 ? dh : dc;
      const void* from = o_.states ? call.output_gradients[1 + i] : nullptr;
      if (from) pad(static_cast<const float*>(from), to);
      else std::fill_n(to, l_.state(), 0.0f);
    }
  }
  void step_gradient(const Run& run, int64_t step, const BackwardCall& call, float* dgates,
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
  void reset_gradient(GateGradientStep& g, const BackwardCall& call, const float* h_factors) const {
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
  void state_gradient(const BackwardCall& call, const float* dgates, const float* h_factors, float* dh) const {
    void* scratch = m_.maps_backward.in(call.scratch);
    float* dropped = m_.h_dropped_backward.in(call.scratch);
    for (const GateRange& range : state_ranges_) {
      state_->state_gradient(dgates, range, call.weights[1], h_factors ? dropped : dh, !h_factors, scratch);
      if (h_factors) add_product(dropped, h_factors + variant(range) * l_.state(), dh, l_.state());
    }
  }
  void finish_states(const BackwardCall& call, const float* dh, const float* dc) const {
    if (!o_.initial_states) return;
    const size_t first = o_.masked ? 2 : 1;
    for (size_t i = 0; i < static_cast<size_t>(state_count()); ++i)
      if (void* to = call.input_gradients[first + i]) unpad(i == 0 ? dh : dc, static_cast<float*>(to));
  }
  void weight_gradients(const BackwardCall& call, const Run& run, const float* dgates, const float* h_factors) const {
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
  void bias_gradient(const BackwardCall& call, const float* dgates, float* bias) const {
    float* sums = m_.sums.in(call.scratch);
    sum_columns(dgates, l_.steps * l_.rows(), l_.gate_row(), sums);
    std::copy_n(sums, l_.gates * l_.width, bias);
    if (o_.cell != Cell::Gru) return;
    std::copy_n(sums, 2 * l_.width, bias + l_.gates * l_.width);
    std::copy_n(sums + 3 * l_.width, l_.width, bias + (l_.gates + 2) * l_.width);
  }
  void input_gradient(const BackwardCall& call, const float* dgates) const {
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

  RecurrenceOptions o_;
  StepLayout l_;
  std::unique_ptr<InputMap> input_;
  std::unique_ptr<StateMap> state_;
  SequenceDropout input_dropout_, state_dropout_;
  int64_t step_inputs_;  // values of one step
  std::vector<GateRange> input_ranges_, state_ranges_;
  RecurrenceMemory m_;
};

}  // namespace

std::unique_ptr<Kernel> make_recurrence(const RecurrenceOptions& options,
                                        const std::function<std::unique_ptr<InputMap>(const StepLayout&)>& input,
                                        const std::function<std::unique_ptr<StateMap>(const StepLayout&)>& state) {
  require(options.input.channel_block == 0 && options.input.dtype == DType::Float32 && options.input.shape.rank() >= 2,
          "recurrence", "the input must be float32 in plain layout, of rank 2 or more. Got ", options.input.shape,
          " of ", options.input.dtype, ".");
  return std::make_unique<Recurrence>(options, input, state);
}

}  // namespace batchwise
