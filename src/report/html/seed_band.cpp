// Runs that differ in their seed alone, as one curve with a band.
#include "report/html/seed_band.h"

#include <cmath>
#include <map>

#include "base/student_t.h"

namespace batchwise {
namespace {

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

}  // namespace

Series seed_band(const CellGroup& group, const std::string& log, const ProgressAxis& axis) {
  std::map<int64_t, std::pair<std::vector<double>, std::vector<double>>> by_epoch;  // places and values
  for (const CellReading* cell : group.cells)
    for (const EpochReading& epoch : cell->epochs)
      if (const double* value = find_log(epoch.logs, log); value && std::isfinite(*value)) {
        by_epoch[epoch.epoch].first.push_back(axis.of_epoch(epoch));
        by_epoch[epoch.epoch].second.push_back(*value);
      }
  Series series;
  for (const auto& [epoch, values] : by_epoch) {
    Point point{.x = mean_of(values.first), .y = mean_of(values.second)};
    const auto count = static_cast<double>(values.second.size());
    point.note = "epoch " + std::to_string(epoch) +
                 (values.second.size() > 1 ? ", mean of " + std::to_string(values.second.size()) + " seeds" : "");
    if (values.second.size() > 1) {
      double squares = 0;
      for (const double value : values.second) squares += (value - point.y) * (value - point.y);
      const double reach = student_t_quantile(0.975, count - 1) * std::sqrt(squares / (count - 1) / count);
      point.low = point.y - reach;
      point.high = point.y + reach;
    }
    series.points.push_back(std::move(point));
  }
  series.dots = series.points.size() == 1;  // no line shows it
  return series;
}

}  // namespace batchwise
