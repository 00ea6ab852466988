// The pictures of a sweep over its batch sizes.
#include "report/html/sweep_figures.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "report/html/advice.h"
#include "report/html/best_series.h"
#include "report/html/figure.h"
#include "report/html/lookup.h"
#include "report/html/progress_axis.h"
#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

enum class Cells { All, Run };

std::vector<double> batch_sizes(const SweepReading& sweep, Cells cells) {
  std::set<double> sizes;
  for (const CellReading& cell : sweep.cells)
    if (cell.batch_size > 0 && (cells == Cells::All || !cell.epochs.empty())) sizes.insert(cell.batch_size);
  return {sizes.begin(), sizes.end()};
}

Axis batch_axis(const SweepReading& sweep, Cells cells) {
  return {.title = "batch size", .unit = Unit::Count, .logarithmic = true, .at = batch_sizes(sweep, cells)};
}

const Config::List& rows_of(const SweepReading& sweep) { return list_of(sweep.record, "summary.rows"); }

std::vector<std::string> optimizers(const SweepReading& sweep) {
  std::vector<std::string> names;
  for (const CellReading& cell : sweep.cells)
    if (std::find(names.begin(), names.end(), cell.optimizer) == names.end()) names.push_back(cell.optimizer);
  return names;
}

// For each optimizer a line through its best learning rate at every batch size, and the others as faint dots.
Chart by_batch_size(const SweepReading& sweep, const std::string& key, const std::string& title, Unit unit,
                    bool larger_is_better) {
  Chart chart{.x = batch_axis(sweep, Cells::Run), .y = {.title = title, .unit = unit}, .series = {}, .marks = {}};
  const std::vector<std::string> names = optimizers(sweep);
  for (size_t i = 0; i < names.size(); ++i) {
    std::vector<Point> points;
    for (const Config& row : rows_of(sweep)) {
      if (text_of(row, "optimizer") != names[i]) continue;
      points.push_back(interval_at(number_of(row, "batch_size").value_or(kUnknownValue), row, key));
      if (const auto rate = number_of(row, "learning_rate"))
        points.back().note = names[i] + ": learning rate " + show(*rate, Unit::Number);
    }
    add_best(chart, names[i], "other learning rates", static_cast<int>(i) % kColours, points, larger_is_better);
  }
  return chart;
}

struct Curve {
  std::string optimizer;
  double least_updates = 0, least_samples = 0, critical = 0, low = kUnknownValue, high = kUnknownValue;
};

// The fitted curves, one for each optimizer that has one.
std::vector<Curve> curves_of(const SweepReading& sweep) {
  Config::List records = list_of(sweep.record, "summary.curves");
  if (const Config* one = part_of(sweep.record, "summary.curve"); one && records.empty()) records.push_back(*one);
  std::vector<Curve> all;
  for (const Config& record : records) {
    const auto number = [&](const char* key) { return number_of(record, key).value_or(kUnknownValue); };
    Curve curve{text_of(record, "optimizer"), number("least_updates"), number("least_samples"),
                number("critical_batch"),     number("low"),           number("high")};
    if (curve.least_updates > 0 && curve.least_samples > 0 && curve.critical > 0) all.push_back(std::move(curve));
  }
  return all;
}

Series fitted(const SweepReading& sweep, const Curve& curve) {
  const std::vector<std::string> names = optimizers(sweep);
  const auto at = std::find(names.begin(), names.end(), curve.optimizer) - names.begin();
  return {
      .name = "fitted, " + curve.optimizer, .colour = static_cast<int>(at) % kColours, .points = {}, .dashed = true};
}

// Places between the least and the largest batch size, evenly on the logarithmic axis; the sizes themselves are among
// them.
std::vector<double> places(const SweepReading& sweep) {
  const std::vector<double> sizes = batch_sizes(sweep, Cells::Run);
  std::vector<double> all = sizes;
  for (size_t i = 0; i + 1 < sizes.size(); ++i)
    for (int k = 1; k < 8; ++k) all.push_back(sizes[i] * std::pow(sizes[i + 1] / sizes[i], k / 8.0));
  std::sort(all.begin(), all.end());
  return all;
}

double samples_at(const Curve& curve, double batch) { return curve.least_samples * (1 + batch / curve.critical); }
double updates_at(const Curve& curve, double batch) { return curve.least_updates * (1 + curve.critical / batch); }

Figure cost(const SweepReading& sweep, const std::string& what, const std::string& title, Unit unit,
            double (*value)(const Curve&, double)) {
  Chart chart = by_batch_size(sweep, what + "_to_target", what == "seconds" ? "time" : what, unit, false);
  chart.y.logarithmic = true;
  for (const Curve& curve : value ? curves_of(sweep) : std::vector<Curve>{}) {
    Series line = fitted(sweep, curve);
    for (const double batch : places(sweep)) line.points.push_back({.x = batch, .y = value(curve, batch)});
    chart.series.push_back(std::move(line));
    chart.marks.push_back({Mark::Across::X, curve.critical,
                           "critical batch, " + curve.optimizer + ": " + show(curve.critical, Unit::Count), curve.low,
                           curve.high});
  }
  return {"cost-" + what, title, "", {{"", std::move(chart)}}};
}

// Updates against samples: each batch size buys one with the other.
std::string trade_off(const SweepReading& sweep) {
  Chart chart{.x = {.title = "updates to the target", .unit = Unit::Count, .logarithmic = true},
              .y = {.title = "samples to the target", .unit = Unit::Count, .logarithmic = true},
              .series = {},
              .marks = {}};
  const std::vector<std::string> names = optimizers(sweep);
  for (size_t i = 0; i < names.size(); ++i) {
    Series series{.name = names[i],
                  .colour = static_cast<int>(i) % kColours,
                  .points = {},
                  .line = false,
                  .dots = true,
                  .bounds = Bounds::Whiskers};
    for (const Config& row : rows_of(sweep)) {
      if (text_of(row, "optimizer") != names[i]) continue;
      const double updates = interval_at(0, row, "updates_to_target").y;
      Point point = interval_at(updates, row, "samples_to_target");
      point.note = names[i] + ": " + choice_text(row);
      if (std::isfinite(point.y) && std::isfinite(point.x)) series.points.push_back(point);
    }
    std::stable_sort(series.points.begin(), series.points.end(),
                     [](const Point& a, const Point& b) { return a.x < b.x; });
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  if (chart.series.empty()) return "";
  std::string note = "Each batch size buys fewer updates with more samples.";
  const std::vector<double> at = places(sweep);
  for (const Curve& curve : curves_of(sweep)) {
    Series line = fitted(sweep, curve);
    for (auto batch = at.rbegin(); batch != at.rend(); ++batch)
      line.points.push_back({.x = updates_at(curve, *batch), .y = samples_at(curve, *batch)});
    chart.series.push_back(std::move(line));
    note += " At the critical batch size of " + curve.optimizer + ", " + show(curve.critical, Unit::Count) +
            ", both are twice their least.";
  }
  return figure_html({"trade-off", "Updates against samples", note, {{"", std::move(chart)}}});
}

Series plan_series(const SweepReading& sweep, const char* key, const char* name, int colour) {
  std::map<double, double> most;  // of the cells of a batch size
  for (const CellReading& cell : sweep.cells)
    if (const auto value = number_of(cell.record, key); value && *value > 0 && cell.batch_size > 0)
      most[cell.batch_size] = std::max(most[cell.batch_size], *value);
  Series series{.name = name, .colour = colour, .points = {}, .dots = true};
  for (const auto& [x, y] : most) series.points.push_back({.x = x, .y = y});
  return series;
}

}  // namespace

std::string outcome_figures(const SweepReading& sweep) {
  const std::string metric = text_of(sweep.record, "summary.target.metric");
  Chart best = by_batch_size(sweep, "best", metric.empty() ? "best value" : log_title(metric), Unit::Metric,
                             is_better(metric.empty() ? "loss" : metric, 1, 0));
  if (const auto target = number_of(sweep.record, "summary.target.value"))
    best.marks.push_back({Mark::Across::Y, *target, "target " + show(*target, Unit::Number)});
  Chart gap = by_batch_size(sweep, "gap", "training − validation", Unit::Metric, false);
  for (Chart* chart : {&best, &gap})
    if (chart->series.empty()) return "";
  gap.marks.push_back({Mark::Across::Y, 0, ""});
  return "<div class=\"grid\">\n" +
         figure_html({"best",
                      (metric.empty() ? std::string("Best value") : log_title(metric)) + " against batch size",
                      "The best epoch of each run; bars are 95 % intervals over seeds.",
                      {{"", std::move(best)}}}) +
         figure_html(
             {"gap", "Generalisation gap", "Training less validation, per batch size.", {{"", std::move(gap)}}}) +
         "</div>\n";
}

std::string cost_figures(const SweepReading& sweep) {
  std::string text;
  const Figure figures[] = {cost(sweep, "seconds", "Time to the target", Unit::Seconds, nullptr),
                            cost(sweep, "samples", "Samples to the target", Unit::Count, samples_at),
                            cost(sweep, "updates", "Updates to the target", Unit::Count, updates_at)};
  for (const Figure& figure : figures)
    if (!figure.views[0].chart.series.empty()) text += figure_html(figure);
  text += trade_off(sweep);
  return text.empty() ? "" : "<div class=\"grid\">\n" + text + "</div>\n";
}

std::string memory_figures(const SweepReading& sweep) {
  Chart memory{.x = batch_axis(sweep, Cells::All),
               .y = {.title = "bytes", .unit = Unit::Bytes, .from_zero = true},
               .series = {},
               .marks = {}};
  for (Series series : {plan_series(sweep, "plan.peak_bytes", "planned peak", 0),
                        plan_series(sweep, "peak_rss_bytes", "measured peak of the process", 1),
                        plan_series(sweep, "plan.smallest_budget", "smallest budget that fits", 6)})
    if (!series.points.empty()) memory.series.push_back(std::move(series));
  Chart speed{.x = batch_axis(sweep, Cells::Run),
              .y = {.title = "samples per second", .unit = Unit::Count, .from_zero = true},
              .series = {plan_series(sweep, "samples_per_second", "", 2)},
              .marks = {}};
  std::string text;
  if (!memory.series.empty())
    text += figure_html({"sweep-memory", "Memory per batch size", "", {{"", std::move(memory)}}});
  if (!speed.series[0].points.empty())
    text += figure_html(
        {"sweep-speed", "Speed per batch size", "The fastest cell of each batch size.", {{"", std::move(speed)}}});
  return text.empty() ? "" : "<div class=\"grid\">\n" + text + "</div>\n";
}

}  // namespace batchwise
