// Fits a step into a budget: how many lanes, how many gradient sums, and what is computed again. Never changes results.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <batchwise/plan.h>

#include "plan/lifetimes.h"
#include "plan/outline.h"
#include "plan/timetable.h"

namespace batchwise {

// What a session needs besides the buffers of the outline. Bytes.
struct MemoryNeeds {
  const Outline* training = nullptr;
  int64_t grains = 1, blocks = 1;
  int64_t most_lanes = 1;      // that have work, where the batch is one grain; else each takes grains
  double sharing_seconds = 0;  // of a step: what more than one lane loses by sharing weights. 0: lanes were stated
  int64_t weights = 0;         // as kept and updated, and in the other layouts that kernels read
  int64_t gradient_sum = 0;    // one sum over a block: all gradients, losses and metrics
  int64_t accumulator = 0;     // gradients carried from batch to batch
  int64_t optimizer = 0;
  int64_t shared = 0;             // kernels' memory for a step
  int64_t statistics = 0;         // batch statistics of all grains
  int64_t lane_fixed = 0;         // per lane, besides its region
  int64_t other_lane_bytes = 0;   // per lane, of programs that run between steps (validation): share the lanes' memory
  int64_t other_kept = 0;         // what those keep from phase to phase, for all grains
  int64_t update_lane_bytes = 0;  // per lane, while weights are updated: shares the lanes' memory
  int64_t between_steps = 0;      // scratch used between steps (checkpoints): shares the lanes' memory
  int64_t pipeline = 0;           // what the data set holds
  int64_t spare = 0;              // of `pipeline`: held only where there is room
  int64_t library = 0;            // the process besides all this
  int64_t drift = 0;              // what `library` may differ by from run to run: added to budgets that are named
  int64_t margin = 0;             // that the budget must have to spare
};

struct MemoryChoice {
  int lanes = 1;
  int64_t sums = 1;       // gradient sums held
  bool by_grain = false;  // lanes share out grains and take turns at the sums; else they share out blocks
  Timetable timetable;
  Placements placements;
  int64_t transient = 0;  // bytes of the region that lanes, kept buffers and other programs share
  ByteCounts bytes;
  int64_t peak = 0;
  int64_t smallest_budget = 0;
  int64_t roomy_budget = 0;  // from which on nothing is computed again and all lanes run
};

// The fastest choice whose peak fits `budget`, with at most `max_lanes`. Throws BudgetError with the smallest budget
// and what would help. A pure function.
MemoryChoice choose_memory(const MemoryNeeds& needs, int64_t budget, int max_lanes);

int64_t tight_sums(int64_t blocks);  // pending sums of a balanced binary tree filled in order

// Bytes that live at each task of the timetable, for the picture.
std::vector<PlannedMoment> moments_of(const MemoryNeeds& needs, const MemoryChoice& choice);

}  // namespace batchwise
