// Fitting of updates against samples.
#include "batch_size/sweep/trade_off_curve.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "batch_size/sweep/interval.h"

namespace batchwise {
namespace {

// How far beyond the batch sizes that were measured a critical one is still told.
constexpr double kBeyond = 8;
// Root mean square of the logarithms: half as much again on a typical point.
constexpr double kFarFromCurve = 0.4;

struct Fit {
  double log_critical = 0, log_updates = 0, error = 0;
};

Fit at(const std::vector<NeededToTarget>& runs, double log_critical) {
  const double critical = std::exp(log_critical), count = static_cast<double>(runs.size());
  const auto distance = [&](const NeededToTarget& run) {
    return std::log(run.updates) - std::log1p(critical / (run.samples / run.updates));
  };
  Fit fit{log_critical, 0, 0};
  for (const NeededToTarget& run : runs) fit.log_updates += distance(run) / count;
  for (const NeededToTarget& run : runs) fit.error += std::pow(distance(run) - fit.log_updates, 2) / count;
  fit.error = std::sqrt(fit.error);
  return fit;
}

// The error has one valley in the logarithm of the critical batch wherever there is a curve at all; a coarse walk finds
// it, halving makes it sharp.
Fit best_fit(const std::vector<NeededToTarget>& runs, double low, double high) {
  constexpr int kSteps = 64;
  double step = (high - low) / kSteps;
  Fit best = at(runs, low);
  for (int i = 1; i <= kSteps; ++i)
    if (const Fit fit = at(runs, low + i * step); fit.error < best.error) best = fit;
  while (step > 1e-9) {
    step /= 2;
    for (const double side : {-step, step})
      if (const Fit fit = at(runs, std::clamp(best.log_critical + side, low, high)); fit.error < best.error) best = fit;
  }
  return best;
}

// Bounds that lie further apart say nothing.
constexpr double kToldApart = 100;

// An interval from fits that each leave out one seed.
void add_bounds(const std::vector<NeededToTarget>& runs, const Fit& whole, double low, double high,
                TradeOffCurve& curve) {
  std::set<uint64_t> seeds;
  for (const NeededToTarget& run : runs) seeds.insert(run.seed);
  if (seeds.size() < 2) return;
  const double count = static_cast<double>(seeds.size());
  std::vector<double> pseudo;
  for (uint64_t seed : seeds) {
    std::vector<NeededToTarget> others;
    std::copy_if(runs.begin(), runs.end(), std::back_inserter(others),
                 [&](const NeededToTarget& run) { return run.seed != seed; });
    pseudo.push_back(count * whole.log_critical - (count - 1) * best_fit(others, low, high).log_critical);
  }
  const Interval interval = interval_of(pseudo);
  const double reach = *interval.high - interval.mean;
  curve.low = std::exp(whole.log_critical - reach);
  curve.high = std::exp(whole.log_critical + reach);
}

}  // namespace

TradeOffCurve fit_trade_off(const std::vector<NeededToTarget>& runs) {
  TradeOffCurve curve;
  std::set<int64_t> sizes;
  for (const NeededToTarget& run : runs) sizes.insert(run.batch_size);
  if (sizes.size() < 3) {
    curve.why =
        "three batch sizes must reach the target after their first epoch, and " + std::to_string(sizes.size()) + " did";
    return curve;
  }
  const double smallest = static_cast<double>(*sizes.begin()), largest = static_cast<double>(*sizes.rbegin());
  const double low = std::log(smallest / kBeyond), high = std::log(largest * kBeyond);
  const Fit fit = best_fit(runs, low, high);
  const auto near = [&](double bound) { return std::fabs(fit.log_critical - bound) < 0.01; };
  if (fit.error > kFarFromCurve)
    curve.why = "the batch sizes do not follow one curve: their learning rates may not suit all of them";
  else if (near(high))
    curve.why = "updates fall as fast as batches grow up to the largest: the critical batch lies far above it";
  else if (near(low))
    curve.why = "updates hardly fall as batches grow from the smallest: the critical batch lies far below it";
  if (!curve.why.empty()) return curve;
  curve.critical_batch = std::exp(fit.log_critical);
  curve.least_updates = std::exp(fit.log_updates);
  curve.least_samples = curve.least_updates * curve.critical_batch;
  add_bounds(runs, fit, low, high, curve);
  if (curve.low && *curve.high > kToldApart * *curve.low) {
    TradeOffCurve untold;
    untold.why = "runs with different seeds are too far apart: more seeds or epochs would tell";
    return untold;
  }
  return curve;
}

}  // namespace batchwise
