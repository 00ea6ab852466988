// What runs when: the phases of a step, the tasks that every grain goes through in each, and what must be kept between.
#pragma once

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

struct Timetable {
  std::vector<Phase> phases;
  std::vector<char> kept_values, kept_gradients;  // per value: lives from phase to phase, once per grain
  std::vector<char> kept_saved;                   // per op
  double work = 0, repeated_work = 0;             // forward work of a grain, and what is done again, in flops
};

// `dropped[op]`: outputs and saved memory of the op are computed again where a later phase needs them, instead of kept.
// The result of a step does not depend on it. REQUIRES: dropped.size() == ops.size().
Timetable make_timetable(const Outline& outline, const std::vector<char>& dropped);

// Ops in the order in which it pays to drop them: cheap for their bytes first, then spread evenly over the network.
std::vector<int> drop_order(const Outline& outline);

}  // namespace batchwise
