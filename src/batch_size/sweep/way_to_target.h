// How far a cell had to go until a metric reached a value.
#pragma once

#include <optional>

#include <batchwise/sweep.h>

namespace batchwise {

struct WayToTarget {
  double samples = 0, updates = 0, seconds = 0;
  bool at_most = false;  // the first epoch reached it: no earlier measurement says where
};

// Between two epochs the metric is taken as a straight line; a target that the first epoch reaches counts at its end.
// Nothing when it is not reached or not measured.
std::optional<WayToTarget> way_to(const SweepTarget& target, const SweepCell& cell);

// The epoch with the best value of a metric; null when it was never measured as a number.
const SweepEpoch* best_epoch(const std::string& metric, const SweepCell& cell);

}  // namespace batchwise
