// The critical batch size, fitted.
#include "batch_size/tune/critical_batch.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "base/student_t.h"

namespace batchwise {
namespace {

struct Gain {
  double batch_size = 0, improvement = 0;
};

// improvement = scale / (1 + batch size / critical): for a given critical batch the scale follows, so one number is
// searched for, on a grid of its logarithm that is refined.
std::optional<double> fit(const std::vector<Gain>& gains) {
  if (gains.size() < 3) return std::nullopt;
  const auto error_at = [&](double log_critical) {
    const double critical = std::exp(log_critical);
    double top = 0, bottom = 0;
    for (const Gain& gain : gains) {
      const double worth = 1 / (1 + gain.batch_size / critical);
      top += worth * gain.improvement;
      bottom += worth * worth;
    }
    const double scale = top / bottom;
    double error = 0;
    for (const Gain& gain : gains) {
      const double off = gain.improvement - scale / (1 + gain.batch_size / critical);
      error += off * off;
    }
    return error;
  };
  const double smallest = std::log(gains.front().batch_size / 8), largest = std::log(gains.back().batch_size * 8);
  double low = smallest, high = largest;
  for (int round = 0; round < 6; ++round) {
    constexpr int kSteps = 24;
    double best = low;
    for (int i = 0; i <= kSteps; ++i)
      if (const double at = low + (high - low) * i / kSteps; error_at(at) < error_at(best)) best = at;
    const double width = (high - low) / kSteps;
    low = std::max(smallest, best - width);
    high = std::min(largest, best + width);
  }
  const double found = (low + high) / 2;
  if (found > largest - 0.05 || found < smallest + 0.05) return std::nullopt;
  return std::exp(found);
}

// The best of each batch size, of all repeats but `without`.
std::vector<Gain> gains_of(std::span<const Branch> branches, int64_t without) {
  std::map<int64_t, std::map<double, std::pair<double, int>>> sums;
  for (const Branch& branch : branches) {
    if (branch.repeat == without) continue;
    auto& [sum, count] = sums[branch.batch_size][branch.learning_rate];
    sum += std::isfinite(branch.loss) ? branch.loss_before - branch.loss : -1e30;
    ++count;
  }
  std::vector<Gain> gains;
  for (const auto& [batch_size, rates] : sums) {
    double best = -1e30;
    for (const auto& [rate, sum] : rates) best = std::max(best, sum.first / sum.second);
    if (best > 0) gains.push_back({static_cast<double>(batch_size), best});
  }
  return gains;
}

}  // namespace

std::optional<CriticalBatch> critical_batch(std::span<const Branch> branches) {
  constexpr int64_t kAll = -1;
  const auto value = fit(gains_of(branches, kAll));
  if (!value) return std::nullopt;
  CriticalBatch critical{*value, std::nullopt, std::nullopt};
  int64_t repeats = 0;
  for (const Branch& branch : branches) repeats = std::max(repeats, branch.repeat + 1);
  if (repeats < 3) return critical;
  // Jackknife over repeats, of the logarithm.
  std::vector<double> pseudo;
  const double all = std::log(*value), n = static_cast<double>(repeats);
  for (int64_t repeat = 0; repeat < repeats; ++repeat) {
    const auto without = fit(gains_of(branches, repeat));
    if (!without) return critical;
    pseudo.push_back(n * all - (n - 1) * std::log(*without));
  }
  double mean = 0, squares = 0;
  for (double p : pseudo) mean += p / n;
  for (double p : pseudo) squares += (p - mean) * (p - mean);
  const double half = student_t_quantile(0.975, n - 1) * std::sqrt(squares / (n - 1) / n);
  critical.low = std::exp(all - half);
  critical.high = std::exp(all + half);
  return critical;
}

}  // namespace batchwise
