// When every buffer of a timetable lives, and where it is put: in the lane's region of its phase, or in the grain's
// slice of what is kept.
#pragma once

#include <cstdint>
#include <vector>

#include <batchwise/plan.h>

#include "plan/timetable.h"

namespace batchwise {

// Where a buffer lies. Kept buffers: offset in the slice of each grain; others: offset in the region of each lane.
struct Spot {
  int64_t offset = -1;  // -1: not there
  bool kept = false;
  explicit operator bool() const { return offset >= 0; }
};

struct TaskSpots {
  Spot scratch, saved;
  std::vector<Spot> inputs, outputs;  // values
  std::vector<Spot> input_gradients, output_gradients;
  std::vector<Spot> input_terms;  // where accumulated input gradients are made before they are added
  std::vector<Spot> weight_gradients;
};

struct PhaseSpots {
  std::vector<TaskSpots> tasks;
  int64_t region = 0;                  // bytes of one lane
  std::vector<PlannedBuffer> buffers;  // of the lane's region, for the explanation
};

struct Placements {
  std::vector<PhaseSpots> phases;
  int64_t lane_bytes = 0;           // the largest region
  int64_t kept_bytes = 0;           // of one grain
  std::vector<PlannedBuffer> kept;  // first_step, last_step: phases
};

// `grains_share_sums`: gradients of a grain are made beside the sum and then added; false when every block is one grain
// and they are written into the sum at once. A pure function.
Placements place_buffers(const Outline& outline, const Timetable& timetable, bool grains_share_sums);

}  // namespace batchwise
