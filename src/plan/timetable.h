// What runs when: the phases of a step, the tasks that every grain goes through in each, and what must be kept between.
#pragma once

#include <array>
#include <vector>

#include "plan/outline.h"

namespace batchwise {

enum class TaskKind { Fetch, MeasureForward, Forward, Loss, MeasureBackward, Backward };

struct Task {
  TaskKind kind;
  int op = -1;                   // for Fetch: the input value
  bool again = false;            // recomputation
  std::vector<char> accumulate;  // Backward, Loss: per input, whether its gradient was begun before and is added to
  std::vector<char> missing;     // Backward: per output, whether nobody gave it a gradient (it counts as zero)
};

// The values that a measuring or forward task of an op reads.
inline const std::vector<int>& values_read(const OutlineOp& op, TaskKind kind) {
  return op.loss && kind == TaskKind::MeasureForward ? op.measured : op.inputs;
}

// All grains finish a phase before any begins the next: batch statistics are combined in between.
struct Phase {
  std::vector<Task> tasks;
  std::vector<int> combine_forward, combine_backward;  // ops, at the end of the phase
};

// Phases through which a buffer is kept, once per grain.
struct Span {
  int first = -1, last = -1;
  explicit operator bool() const { return first >= 0; }
  bool holds(int phase) const { return first >= 0 && first <= phase && phase <= last; }
};

// On the way forward and after it, and from when it was computed again.
using KeptSpans = std::array<Span, 2>;

struct Timetable {
  std::vector<Phase> phases;
  std::vector<KeptSpans> kept_values;  // per value
  std::vector<KeptSpans> kept_saved;   // per op
  std::vector<Span> kept_gradients;    // per value
  // Work of a step of a grain, of which the way forward is a third, and what is done again, in flops.
  double work = 0, repeated_work = 0;
};

// How outputs and saved memory of an op, or an input that takes work to read, come to phases later than the one that
// made them. Inputs that take none are read anew in every phase.
enum class Recompute : char {
  Never,   // they are kept
  Once,    // kept on the way forward; computed again where the way back first needs them, and kept from there
  Always,  // computed again in every phase
};

// Choices stand for the ops, then for the inputs.
std::vector<Recompute> same_for_all(const Outline& outline, Recompute how);
inline size_t choice_of_input(const Outline& outline, int value) {
  return outline.ops.size() + static_cast<size_t>(value);
}

// The result of a step does not depend on `recompute`. REQUIRES: as many as same_for_all has.
Timetable make_timetable(const Outline& outline, const std::vector<Recompute>& recompute);

}  // namespace batchwise
