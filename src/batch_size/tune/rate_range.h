// The learning-rate range test: a short training with a rate that rises until the loss does.
#pragma once

#include <cstdint>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/tune.h>

namespace batchwise {

constexpr int kRangeSteps = 112;  // 16 to a decade

struct RateRange {
  int64_t batch_size = 0;
  std::vector<RatePoint> points;  // the loss smoothed
  double chosen = 0;              // safely below the highest
  double highest = 0;             // at which the loss was lowest; above it rises
  int64_t samples = 0;            // trained on
};

// Trains a copy of the model. Throws Error(Run) when the loss falls at no rate.
RateRange rate_range(const Model& model, const Dataset& data, int64_t batch_size, const FitOptions& fit);

// The two rates that a curve of rates and losses tells; `points` in rising order of rates.
void choose_rates(RateRange& range);

}  // namespace batchwise
