// What to compute again on the way back: rows of choices for a network's ops, each with less to keep and more to do.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/outline.h"
#include "plan/timetable.h"

namespace batchwise {

struct RecomputeChoice {
  std::vector<Recompute> of_ops;
  int64_t kept = 0;  // bytes of a grain from phase to phase, at most, before they are placed
};

// From all kept to what costs most work: each next choice computes again what saves most bytes for its work. The first
// keeps all.
std::vector<RecomputeChoice> recompute_row(const Outline& outline);

// Ops in the order in which it pays to compute them again in every phase: cheap for their bytes first, then spread
// evenly over the network. It goes to the least memory, at much work.
std::vector<int> drop_order(const Outline& outline);

}  // namespace batchwise
