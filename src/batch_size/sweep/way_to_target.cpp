// The way to a target, and the best epoch.
#include "batch_size/sweep/way_to_target.h"

#include <cmath>

#include "training/callbacks/better_way.h"

namespace batchwise {

std::optional<WayToTarget> way_to(const SweepTarget& target, const SweepCell& cell) {
  const SweepEpoch* before = nullptr;
  for (const SweepEpoch& epoch : cell.epochs) {
    const double* value = find_log(epoch.logs, target.metric);
    if (!value || !std::isfinite(*value)) continue;
    if (is_better(target.metric, target.value, *value)) {
      before = &epoch;
      continue;
    }
    const WayToTarget end{static_cast<double>(epoch.samples), static_cast<double>(epoch.updates), epoch.seconds,
                          before == nullptr};
    if (!before) return end;
    const double from = *find_log(before->logs, target.metric), part = (target.value - from) / (*value - from);
    const auto between = [&](double low, double high) { return low + part * (high - low); };
    return WayToTarget{between(static_cast<double>(before->samples), end.samples),
                       between(static_cast<double>(before->updates), end.updates),
                       between(before->seconds, end.seconds)};
  }
  return std::nullopt;
}

const SweepEpoch* best_epoch(const std::string& metric, const SweepCell& cell) {
  const SweepEpoch* best = nullptr;
  for (const SweepEpoch& epoch : cell.epochs) {
    const double* value = find_log(epoch.logs, metric);
    if (value && std::isfinite(*value) && (!best || is_better(metric, *value, *find_log(best->logs, metric))))
      best = &epoch;
  }
  return best;
}

}  // namespace batchwise
