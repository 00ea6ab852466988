// The kinds of work of a training step, by layer: what a clock counts, and what a profile shows as its rows.
#pragma once

#include <cstdint>
#include <vector>

#include <batchwise/profile.h>

#include "plan/outline.h"
#include "plan/timetable.h"
#include "training/work_clock.h"

namespace batchwise {

class WorkKinds {
 public:
  // REQUIRES: outline outlives it.
  WorkKinds(const Outline& outline, int lanes);
  static int64_t bytes(const Outline& outline, int lanes);

  WorkClock& clock() { return clock_; }
  // Of no layer, or of all.
  static constexpr size_t kCombine = 0, kUpdate = 1;
  size_t of_task(const Task& task) const;
  size_t of_sum(int op) const { return first_of(op) + kSum; }

  // Adds what was counted to a profile whose lanes are as many. `origin`: the nanoseconds of the clock that its calls
  // count from.
  void add_to(Profile& profile, int64_t origin) const;

 private:
  enum Of : size_t { kFetch, kForward, kAgain, kMeasure, kLoss, kMeasureBackward, kBackward, kSum, kWorks };
  static constexpr size_t kBeforeOps = 2;
  size_t first_of(int op) const { return kBeforeOps + static_cast<size_t>(op) * kWorks; }
  ProfileRow row_of(size_t kind) const;

  const Outline& outline_;
  const size_t ops_;  // fetches count as those of the op with the number of their value
  const int lanes_;
  WorkClock clock_;
};

}  // namespace batchwise
