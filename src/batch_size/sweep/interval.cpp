// Means and intervals.
#include "batch_size/sweep/interval.h"

#include <cmath>

#include "base/student_t.h"

namespace batchwise {
namespace {

struct Moments {
  double mean = 0, variance = 0;  // of the mean
};

Moments moments_of(std::span<const double> values) {
  Moments moments;
  const double count = static_cast<double>(values.size());
  for (double value : values) moments.mean += value / count;
  for (double value : values) moments.variance += (value - moments.mean) * (value - moments.mean);
  moments.variance /= count * (count - 1);
  return moments;
}

}  // namespace

Interval interval_of(std::span<const double> values) {
  if (values.size() == 1) return {values.front(), std::nullopt, std::nullopt};
  const Moments moments = moments_of(values);
  const double reach = student_t_quantile(0.975, static_cast<double>(values.size() - 1)) * std::sqrt(moments.variance);
  return {moments.mean, moments.mean - reach, moments.mean + reach};
}

std::optional<double> probability_smaller(std::span<const double> a, std::span<const double> b) {
  if (a.size() < 2 || b.size() < 2) return std::nullopt;
  const Moments first = moments_of(a), second = moments_of(b);
  const double variance = first.variance + second.variance;
  if (variance == 0) return first.mean < second.mean ? 1 : first.mean > second.mean ? 0 : 0.5;
  const double degrees = variance * variance /
                         (first.variance * first.variance / static_cast<double>(a.size() - 1) +
                          second.variance * second.variance / static_cast<double>(b.size() - 1));
  return student_t_probability((second.mean - first.mean) / std::sqrt(variance), std::fmax(1, degrees));
}

}  // namespace batchwise
