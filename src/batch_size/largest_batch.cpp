// The largest batch size that fits.
#include <batchwise/largest_batch.h>

#include <algorithm>

#include <batchwise/error.h>
#include <batchwise/model.h>

namespace batchwise {
namespace {

struct Tried {
  int64_t batch_size = 0, smallest_budget = 0;
  bool fits = false;
};

}  // namespace

int64_t largest_batch_size(const Model& model, const PlanOptions& options) {
  PlanOptions asked = options;
  asked.batch_size = 1;
  if (asked.memory == 0) {
    try {
      asked.memory = model.plan(asked).budget_bytes;
    } catch (const BudgetError&) { return 0; }
  }
  const int64_t budget = asked.memory;
  const auto attempt = [&](int64_t batch_size) {
    asked.batch_size = batch_size;
    try {
      const Plan plan = model.plan(asked);
      return Tried{batch_size, plan.smallest_budget, true};
    } catch (const BudgetError& error) { return Tried{batch_size, error.smallest_budget, false}; }
  };
  Tried fits = attempt(1);
  if (!fits.fits) return 0;
  Tried over = attempt(kMostBatchSize);
  if (over.fits) return kMostBatchSize;
  // What a batch needs grows in a straight line, but for grains that change: the line through both ends is tried, and
  // the middle where it does not help.
  for (int turn = 0; over.batch_size - fits.batch_size > 1; ++turn) {
    const double slope = static_cast<double>(over.smallest_budget - fits.smallest_budget) /
                         static_cast<double>(over.batch_size - fits.batch_size);
    const double line =
        slope > 0 ? static_cast<double>(fits.batch_size) + static_cast<double>(budget - fits.smallest_budget) / slope
                  : 0;
    const int64_t middle = fits.batch_size + (over.batch_size - fits.batch_size) / 2;
    int64_t next = turn % 3 == 2 ? middle : static_cast<int64_t>(line);
    next = std::clamp(next, fits.batch_size + 1, over.batch_size - 1);
    const Tried tried = attempt(next);
    (tried.fits ? fits : over) = tried;
  }
  return fits.batch_size;
}

}  // namespace batchwise
