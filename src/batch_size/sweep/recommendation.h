// Which row of a sweep to take, why, what the next best costs, and how sure that is.
#pragma once

#include <optional>

#include <batchwise/sweep.h>

namespace batchwise {

// The row that reached the target with every seed in the least time; when none did, the one with the best metric.
// REQUIRES: target, rows and curves are filled. Nothing when no row was measured.
std::optional<SweepRecommendation> recommend(const SweepResult& result);

}  // namespace batchwise
