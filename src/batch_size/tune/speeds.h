// What each batch size takes: planned bytes and measured samples per second.
#pragma once

#include <cstdint>
#include <vector>

#include <batchwise/model.h>
#include <batchwise/tune.h>

namespace batchwise {

// Powers of two from 16 on that leave at least eight updates in a pass.
std::vector<int64_t> usual_batch_sizes(int64_t samples);

// Plans without training: sizes that do not fit say so, with the smallest budget as their peak.
std::vector<TuneSpeed> plan_sizes(const Model& model, const Dataset& data, const std::vector<int64_t>& sizes,
                                  const FitOptions& fit);
constexpr int64_t kTimedUpdates = 3;  // at least

struct SpeedBounds {
  double seconds = 0;       // about so long
  int64_t samples = 0;      // no more than these, but for the first few updates; 0: no bound
  double most_seconds = 0;  // the first few updates stop then; 0: no bound
};
// Whether one step of the size would take longer than `seconds`, told by the speeds of other sizes; not where there are
// none.
bool steps_take_longer(const std::vector<TuneSpeed>& speeds, int64_t batch_size, double seconds);

// Trains a copy. Adds what it trained on to `samples`.
void measure_speed(const Model& model, const Dataset& data, const FitOptions& fit, const SpeedBounds& bounds,
                   TuneSpeed& speed, int64_t& samples);

}  // namespace batchwise
