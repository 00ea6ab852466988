// The kernel of a recurrent cell: gates of all steps are kept, so that weights learn from one product over all.
#pragma once

#include <memory>
#include <vector>

#include "kernels/recurrent/gate_panels.h"
#include "kernels/recurrent/masked_steps.h"
#include "kernels/recurrent/recurrence.h"
#include "kernels/recurrent/recurrence_memory.h"
#include "kernels/recurrent/sequence_dropout.h"

namespace batchwise {

// The gate of a GRU that sees the state behind the reset, and its slot.
inline constexpr GateRange kCandidate{2, 1, 2};

// Its setup lies in recurrence.cpp, its passes in recurrence_forward.cpp and recurrence_backward.cpp.
class Recurrence final : public Kernel {
 public:
  Recurrence(const RecurrenceOptions& options, const std::function<std::unique_ptr<InputMap>(const StepLayout&)>& input,
             const std::function<std::unique_ptr<StateMap>(const StepLayout&)>& state);

  std::string_view kind() const override {
    return o_.cell == Cell::SimpleRnn ? "simple_rnn" : o_.cell == Cell::Lstm ? "lstm" : "gru";
  }
  std::vector<TensorType> outputs() const override;
  KernelMemory memory() const override {
    return {.saved = m_.saved.bytes(), .forward_scratch = m_.forward.bytes(), .backward_scratch = m_.backward.bytes()};
  }
  KernelCost cost() const override;
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

  void forward(const ForwardCall& call) const override;
  void backward(const BackwardCall& call) const override;

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

  void drop_inputs(const SampleAddress& address, const GateRange& range, float* factors, const float* x,
                   float* dropped) const;
  void draw_states(const SampleAddress& address, float* factors) const;

  // Between (sample, units) and padded rows.
  void pad(const float* from, float* to) const;
  void unpad(const float* from, float* to) const;
  int64_t output_place(int64_t sample, int64_t step) const {
    return (o_.sequences ? sample * l_.steps + step : sample) * l_.positions * l_.units;
  }
  void write_output(const Run& run, int64_t step, float* y) const;
  void add_output_gradient(const Run& run, int64_t step, const float* dy, float* dh) const;

  // Of the way forward.
  Run start(void* saved, void* scratch, std::span<const void* const> inputs) const;
  GateStep gate_step(const Run& run, int64_t step) const;
  void take(const Run& run, int64_t step, const ForwardCall& call, const float* h_factors) const;

  // Of the way back.
  Run start_backward(const BackwardCall& call) const;
  void begin_gradients(const BackwardCall& call, float* dh, float* dc) const;
  void step_gradient(const Run& run, int64_t step, const BackwardCall& call, float* dgates,
                     const float* h_factors) const;
  void reset_gradient(GateGradientStep& g, const BackwardCall& call, const float* h_factors) const;
  void state_gradient(const BackwardCall& call, const float* dgates, const float* h_factors, float* dh) const;
  void finish_states(const BackwardCall& call, const float* dh, const float* dc) const;
  void weight_gradients(const BackwardCall& call, const Run& run, const float* dgates, const float* h_factors) const;
  void bias_gradient(const BackwardCall& call, const float* dgates, float* bias) const;
  void input_gradient(const BackwardCall& call, const float* dgates) const;

  RecurrenceOptions o_;
  StepLayout l_;
  std::unique_ptr<InputMap> input_;
  std::unique_ptr<StateMap> state_;
  SequenceDropout input_dropout_, state_dropout_;
  int64_t step_inputs_;  // values of one step
  std::vector<GateRange> input_ranges_, state_ranges_;
  RecurrenceMemory m_;
};

}  // namespace batchwise
