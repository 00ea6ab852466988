// Rules that go with a change of batch size: what an optimizer must change so that training stays the same per sample.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/config.h>

namespace batchwise {

class Model;

// With k = to / from. "linear", "square_root" and "constant" say how the learning rate goes: times k, times the square
// root of k, not at all. With it go decays of averages (value^k), decoupled weight decay (as much per sample), epsilon,
// and everything that counts updates: schedules, warm-up. "auto": the rule of the optimizer. "none": nothing changes.
struct BatchSizeChange {
  int64_t from = 0, to = 0;
  std::string rule = "auto";
  int64_t schedule_to = 0;  // the batch size in which schedules will count updates; 0: `to`
};

struct ChangedNumber {
  std::string key;  // "beta_2", "learning_rate.decay_steps"
  double before = 0, after = 0;
};

struct ChangedOptimizer {
  Spec optimizer;          // complete: every argument stated
  std::string rule;        // that was followed: never "auto"
  double rate_factor = 1;  // of learning rates
  std::vector<ChangedNumber> changes;
};

// Throws Error(Input) for a rule that does not suit the optimizer, naming the one that does, where a count of updates
// would not be whole, and where a number would be one that 32-bit floats do not hold: a decay too near to 1, with the
// nearest batch size that can be had. Gradient clipping stays as it is.
ChangedOptimizer change_batch_size(const Spec& optimizer, const BatchSizeChange& change);

// Of a compiled model. What its optimizer remembers stays; a learning rate that callbacks changed goes with the rule.
ChangedOptimizer change_batch_size(Model& model, const BatchSizeChange& change);

// Only what learning rates are multiplied by: for those who change nothing else.
double rate_factor(const Spec& optimizer, const BatchSizeChange& change);

// The same optimizer with a learning rate that rises in a straight line from `start_rate` to its own over `samples`,
// as Keras's own schedules can say it: before a constant rate or before CosineDecay. Throws for others, and where the
// samples are fewer than one update.
Spec warm_up(const Spec& optimizer, int64_t samples, int64_t batch_size, double start_rate = 0);

}  // namespace batchwise
