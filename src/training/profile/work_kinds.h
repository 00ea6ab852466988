// The kinds of work of a training step, by layer: what a clock counts, and what a profile shows as its rows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/profile.h>

#include "plan/outline.h"
#include "plan/timetable.h"
#include "training/profile/work_clock.h"

namespace batchwise {

// The row of a profile for this layer and work, which is added where there is none.
size_t row_in(Profile& profile, const std::string& layer, const std::string& work);

class WorkKinds {
 public:
  // REQUIRES: outline outlives it.
  WorkKinds(const Outline& outline, int lanes);
  // What a profile takes beside the training: at its beginning, where the machine is measured, and at its end.
  static int64_t bytes(const Outline& outline, int lanes);

  // The amount of kCombine, of kUpdate and of sums is the bytes that are read and written; of all others the share of a
  // grain's work that the call did.
  WorkClock& clock() { return clock_; }
  // Of no layer, or of all.
  enum OfAll : size_t { kWaitForLanes = WorkClock::kWait, kWaitForData, kValidation, kCheckpoint, kCombine, kUpdate };
  size_t of_task(const Task& task) const;
  size_t of_sum(int op) const { return first_of(op) + kSum; }

  // Adds what was counted to a profile whose lanes are as many. `origin`: the nanoseconds of the clock that its calls
  // count from.
  void add_to(Profile& profile, int64_t origin) const;

 private:
  // Kinds of no op; then the fetch of every value; then the works of every op.
  enum Work : size_t { kForward, kAgain, kMeasure, kLoss, kMeasureBackward, kBackward, kSum, kWorks };
  static constexpr size_t kFirstFetch = kUpdate + 1;
  static size_t count(const Outline& outline) {
    return kFirstFetch + outline.values.size() + outline.ops.size() * kWorks;
  }
  size_t first_of(int op) const { return kFirstFetch + outline_.values.size() + static_cast<size_t>(op) * kWorks; }
  ProfileRow row_of(size_t kind) const;  // of an amount of 1: its flops and bytes

  const Outline& outline_;
  const int lanes_;
  WorkClock clock_;
};

}  // namespace batchwise
