// What to make again on the way back: rows of choices for a network's ops and inputs, each with less to keep and more
// to do.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/outline.h"
#include "plan/timetable.h"

namespace batchwise {

struct RecomputeChoice {
  std::vector<Recompute> of_all;  // ops, then inputs
  int64_t kept = 0;               // bytes of a grain from phase to phase, at most, before they are placed
};

// From all kept to what costs most work: each next choice computes again what saves most bytes for its work. The first
// keeps all.
std::vector<RecomputeChoice> recompute_row(const Outline& outline);

// Choices in the order in which it pays to make them again in every phase: ops that are cheap for their bytes first,
// then others, spread evenly over the network, inputs that take work to read last. It goes to the least memory, at much
// work.
std::vector<int> drop_order(const Outline& outline);

}  // namespace batchwise
