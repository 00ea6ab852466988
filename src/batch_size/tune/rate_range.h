// The learning-rate range test: a short training with a rate that rises until the loss does.
#pragma once

#include <cstdint>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/tune.h>

namespace batchwise {

constexpr int64_t kRangeSteps = 112;       // 16 to a decade
constexpr int64_t kFewestRangeSteps = 28;  // 4 to a decade: fewer tell nothing

struct RateRange {
  int64_t batch_size = 0;
  std::vector<RatePoint> points;  // the loss smoothed
  double chosen = 0;              // safely below the highest
  double highest = 0;             // at which the loss was lowest; above it rises
  int64_t samples = 0;            // trained on
};

// Trains a copy of the model for `steps` steps at most. Throws Error(Run) when the loss falls at no rate.
// REQUIRES: kFewestRangeSteps <= steps.
RateRange rate_range(const Model& model, const Dataset& data, int64_t batch_size, const FitOptions& fit,
                     int64_t steps = kRangeSteps);

// The two rates that a curve of rates and losses tells; `points` in rising order of rates.
void choose_rates(RateRange& range);

}  // namespace batchwise
