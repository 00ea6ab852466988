// What a run is drawn over.
#include "report/html/progress_axis.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

const ProgressAxis kSamples{
    "samples",
    {.title = "samples", .unit = Unit::Count, .from_zero = true},
    [](const EpochReading& e) { return e.at ? static_cast<double>(e.at->samples) : kUnknownValue; },
    [](const StepLoss& s) { return static_cast<double>(s.samples); }};
const ProgressAxis kUpdates{
    "updates",
    {.title = "updates", .unit = Unit::Count, .from_zero = true},
    [](const EpochReading& e) { return e.at ? static_cast<double>(e.at->updates) : kUnknownValue; },
    [](const StepLoss& s) { return static_cast<double>(s.updates); }};
const ProgressAxis kTime{"time",
                         {.title = "time", .unit = Unit::Seconds, .from_zero = true},
                         [](const EpochReading& e) { return e.at ? e.at->seconds : kUnknownValue; },
                         [](const StepLoss& s) { return s.seconds; }};
const ProgressAxis kEpochs{"epochs",
                           {.title = "epoch", .unit = Unit::Count},
                           [](const EpochReading& e) { return static_cast<double>(e.epoch); },
                           [](const StepLoss&) { return kUnknownValue; }};

}  // namespace

std::vector<ProgressAxis> progress_axes(const std::vector<const RunReading*>& runs) {
  for (const RunReading* run : runs)
    for (const EpochReading& epoch : run->epochs)
      if (!epoch.at) return {kEpochs};
  return {kSamples, kUpdates, kTime};
}

std::vector<View> views_over(const std::vector<ProgressAxis>& axes,
                             const std::function<Chart(const ProgressAxis&)>& draw) {
  std::vector<View> views;
  for (const ProgressAxis& axis : axes) {
    Chart chart = draw(axis);
    chart.x = axis.axis;
    views.push_back({"by " + axis.name, std::move(chart)});
  }
  return views;
}

std::vector<std::string> measured_names(const std::vector<EpochReading>& epochs) {
  std::vector<std::string> names;
  for (const EpochReading& epoch : epochs)
    for (const auto& [log, value] : epoch.logs) {
      const std::string name = log.starts_with("val_") ? log.substr(4) : log;
      if (name != "learning_rate" && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  // The loss is what training makes small: it comes first, as Keras's names are sorted.
  std::stable_partition(names.begin(), names.end(), [](const std::string& name) { return name == "loss"; });
  return names;
}

Series epoch_series(const RunReading& run, const std::string& log, const ProgressAxis& axis) {
  Series series;
  for (const EpochReading& epoch : run.epochs)
    if (const double* value = find_log(epoch.logs, log))
      series.points.push_back({.x = axis.of_epoch(epoch), .y = *value, .note = "epoch " + std::to_string(epoch.epoch)});
  series.dots = series.points.size() <= 60;
  return series;
}

bool is_measured(const std::vector<EpochReading>& epochs, const std::string& log) {
  return std::any_of(epochs.begin(), epochs.end(), [&](const EpochReading& epoch) {
    const double* value = find_log(epoch.logs, log);
    return value && std::isfinite(*value);
  });
}

std::optional<Best> best_of(const std::vector<EpochReading>& epochs, const std::string& log) {
  std::optional<Best> best;
  if (!better_way(log)) return best;
  for (const EpochReading& epoch : epochs)
    if (const double* value = find_log(epoch.logs, log); value && std::isfinite(*value))
      if (!best || is_better(log, *value, best->value)) best = Best{epoch.epoch, *value};
  return best;
}

std::string log_title(const std::string& log) {
  std::string title = log.starts_with("val_") ? "validation " + log.substr(4) : log;
  std::replace(title.begin(), title.end(), '_', ' ');
  if (!title.empty()) title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  return title;
}

bool wide_range(const Chart& chart) {
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const Series& series : chart.series)
    for (const Point& point : series.points) {
      if (!std::isfinite(point.y)) continue;
      least = std::min(least, point.y);
      most = std::max(most, point.y);
    }
  return least > 0 && std::isfinite(least) && most / least >= 10;
}

}  // namespace batchwise
