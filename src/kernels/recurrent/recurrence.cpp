// What a recurrent cell is made of: its layout, the ranges of gates that share a product, its memory and its cost.
#include "kernels/recurrent/recurrence.h"

#include <algorithm>

#include <batchwise/error.h>

#include "kernels/product/product.h"
#include "kernels/recurrent/recurrence_kernel.h"

namespace batchwise {

int64_t gates_of(Cell cell) { return cell == Cell::SimpleRnn ? 1 : cell == Cell::Lstm ? 4 : 3; }
int64_t slots_of(Cell cell) { return cell == Cell::SimpleRnn ? 1 : 4; }

namespace {

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

}  // namespace

Recurrence::Recurrence(const RecurrenceOptions& options,
                       const std::function<std::unique_ptr<InputMap>(const StepLayout&)>& input,
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

std::vector<TensorType> Recurrence::outputs() const {
  TensorType output{o_.state};
  if (o_.sequences) output.shape = o_.state.with_batch(l_.steps);
  std::vector<TensorType> all{output};
  if (o_.states)
    for (int64_t i = 0; i < state_count(); ++i) all.push_back({o_.state});
  return all;
}

KernelCost Recurrence::cost() const {
  const double rows = static_cast<double>(l_.rows() * l_.steps), out = static_cast<double>(l_.gates * l_.units);
  const double in = static_cast<double>(step_inputs_) / static_cast<double>(l_.positions);
  return {.flops = rows * out * (2 * (in + static_cast<double>(l_.units)) + 20),
          .bytes = 4 * rows * (in + static_cast<double>(3 * l_.slots * l_.width))};
}

std::unique_ptr<Kernel> make_recurrence(const RecurrenceOptions& options,
                                        const std::function<std::unique_ptr<InputMap>(const StepLayout&)>& input,
                                        const std::function<std::unique_ptr<StateMap>(const StepLayout&)>& state) {
  require(options.input.channel_block == 0 && options.input.dtype == DType::Float32 && options.input.shape.rank() >= 2,
          "recurrence", "the input must be float32 in plain layout, of rank 2 or more. Got ", options.input.shape,
          " of ", options.input.dtype, ".");
  return std::make_unique<Recurrence>(options, input, state);
}

}  // namespace batchwise
