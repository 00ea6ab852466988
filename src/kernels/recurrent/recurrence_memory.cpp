// The memory of a recurrence, from its options.
#include "kernels/recurrent/recurrence_memory.h"

#include <algorithm>

namespace batchwise {

RecurrenceMemory::RecurrenceMemory(const RecurrenceOptions& o, const StepLayout& l, int64_t map_scratch)
    : whole(o.learns || o.dropout > 0) {
  const bool lstm = o.cell == Cell::Lstm;
  const int64_t step_inputs = o.input.shape.count() / l.steps, all_inputs = l.samples * l.steps * step_inputs;
  const int64_t variants = o.drop_by_gate ? l.gates : 1, maps = (map_scratch + 3) / 4;

  FloatPlaces& kept = o.learns ? saved : forward;
  gates = kept.take((whole ? l.steps : std::min(kStepsTogether, l.steps)) * l.step_gates());
  const int64_t states = o.learns ? l.steps + 1 : 2;
  h = kept.take(states * l.state());
  if (lstm) c = kept.take(states * l.state());
  if (o.masked) first_forward = forward.take(l.samples);
  if (o.dropout > 0) {
    x_factors = forward.take(l.samples * step_inputs);
    x_dropped = forward.take(all_inputs);
  }
  if (o.recurrent_dropout > 0) {
    h_factors = forward.take(variants * l.state());
    h_dropped = forward.take(l.state());
  }
  maps_forward = forward.take(maps);
  if (!o.learns) return;

  dgates = backward.take(l.steps * l.step_gates());
  dh = backward.take(l.state());
  if (lstm) dc = backward.take(l.state());
  if (o.cell == Cell::GruResetBefore) reset = backward.take(l.state());
  if (o.masked) first_backward = backward.take(l.samples);
  if (o.bias) sums = backward.take(l.gate_row());
  if (o.dropout > 0) {
    x_factors_backward = backward.take(l.samples * step_inputs);
    x_dropped_backward = backward.take(all_inputs);
  }
  if (o.recurrent_dropout > 0) {
    h_factors_backward = backward.take(variants * l.state());
    h_dropped_backward = backward.take(l.steps * l.state());
  }
  maps_backward = backward.take(maps);
}

}  // namespace batchwise
