// Batch sizes planned and timed.
#include "batch_size/tune/speeds.h"

#include <algorithm>

#include "batch_size/tune/branch.h"

namespace batchwise {
namespace {

constexpr int64_t kSmallest = 16, kLargest = 8192, kLeastUpdates = 8;  // in a pass
constexpr int64_t kManyUpdates = 300;
// At the model's own rate it may diverge, and what is asked is time. Not 0: Ftrl divides by it.
constexpr double kHardlyAny = 1e-12;

}  // namespace

std::vector<int64_t> usual_batch_sizes(int64_t samples) {
  std::vector<int64_t> sizes;
  for (int64_t size = kSmallest; size <= kLargest && (samples <= 0 || size * kLeastUpdates <= samples); size *= 2)
    sizes.push_back(size);
  if (sizes.empty()) sizes.push_back(std::max<int64_t>(1, samples / kLeastUpdates));
  return sizes;
}

std::vector<TuneSpeed> plan_sizes(const Model& model, const Dataset& data, const std::vector<int64_t>& sizes,
                                  const FitOptions& fit) {
  std::vector<TuneSpeed> speeds;
  for (int64_t size : sizes) {
    TuneSpeed speed;
    speed.batch_size = size;
    try {
      PlanOptions options;
      options.batch_size = size;
      options.memory = fit.memory;
      options.lanes = fit.lanes;
      options.grain = fit.grain;
      options.data = data.has_rows() ? &data : nullptr;
      speed.peak_bytes = model.plan(options).peak_bytes;
    } catch (const BudgetError& error) {
      speed.fits = false;
      speed.peak_bytes = error.smallest_budget;
    }
    speeds.push_back(speed);
  }
  return speeds;
}

bool steps_take_longer(const std::vector<TuneSpeed>& speeds, int64_t batch_size, double seconds) {
  double most = 0;
  for (const TuneSpeed& speed : speeds) most = std::max(most, speed.samples_per_second);
  return most > 0 && static_cast<double>(batch_size) / most > seconds;
}

void measure_speed(const Model& model, const Dataset& data, const FitOptions& fit, const SpeedBounds& bounds,
                   TuneSpeed& speed, int64_t& samples) {
  const auto leg = [&](int64_t updates) {
    Model copy = model.copy();
    BranchLeg about;
    if (bounds.most_seconds > 0) about.deadline = after(bounds.most_seconds);
    about.batch_size = speed.batch_size;
    set_learning_rate(copy, kHardlyAny);
    about.samples = updates * speed.batch_size;
    about.fit = fit;
    const LegResult result = train_on(copy, data, about);
    samples += result.samples;
    return result;
  };
  LegResult result = leg(kTimedUpdates);
  const double step = result.seconds / static_cast<double>(std::max<int64_t>(1, result.updates));
  if (step > 0 && kTimedUpdates * step < bounds.seconds / 2) {
    int64_t updates = std::min(kManyUpdates, static_cast<int64_t>(bounds.seconds / step));
    if (bounds.samples > 0) updates = std::min(updates, bounds.samples / speed.batch_size);
    if (updates > kTimedUpdates)
      if (const LegResult longer = leg(updates); longer.seconds > 0) result = longer;
  }
  if (result.seconds > 0) speed.samples_per_second = static_cast<double>(result.samples) / result.seconds;
}

}  // namespace batchwise
