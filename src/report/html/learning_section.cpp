// How a run learned.
#include "report/html/learning_section.h"

#include <algorithm>
#include <cmath>

#include "report/html/figure.h"
#include "report/html/lookup.h"
#include "report/html/page.h"
#include "report/html/progress_axis.h"
#include "report/html/quantity.h"
#include "report/html/table.h"
#include "report/progress_text.h"
#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

constexpr int kTrainColour = 0, kValidationColour = 1, kNoiseColour = 2, kBatchColour = 7;

Series training_loss(const RunReading& run, const ProgressAxis& axis) {
  Series steps;
  for (const EpochReading& epoch : run.epochs)
    for (const StepLoss& step : epoch.steps)
      if (std::isfinite(axis.of_step(step))) steps.points.push_back({.x = axis.of_step(step), .y = step.loss});
  steps.faint = steps.points.size() > 200;
  return steps.points.size() > 1 ? steps : epoch_series(run, "loss", axis);
}

Chart measured_chart(const RunReading& run, const std::string& name, const ProgressAxis& axis) {
  Chart chart;
  chart.y = {.title = name, .unit = Unit::Metric};
  Series train = name == "loss" ? training_loss(run, axis) : epoch_series(run, name, axis);
  Series validation = epoch_series(run, "val_" + name, axis);
  train.name = "training";
  train.colour = kTrainColour;
  validation.name = "validation";
  validation.colour = kValidationColour;
  if (!train.points.empty()) chart.series.push_back(std::move(train));
  if (!validation.points.empty()) chart.series.push_back(std::move(validation));
  for (const BatchChange& change : run.changes) {
    const double at = axis.name == "samples"   ? static_cast<double>(change.samples)
                      : axis.name == "updates" ? static_cast<double>(change.updates)
                                               : kUnknownValue;
    if (std::isfinite(at)) chart.marks.push_back({Mark::Across::X, at, "batch " + std::to_string(change.to)});
  }
  chart.y.logarithmic = name == "loss" && wide_range(chart);
  return chart;
}

std::string best_sentence(const RunReading& run, const std::string& name) {
  if (!better_way(name)) return "Its name does not say which way is better.";
  std::string text;
  for (const std::string& log : {"val_" + name, name}) {
    const auto best = best_of(run.epochs, log);
    if (!best) continue;
    text = log_title(log) + " is best in epoch " + std::to_string(best->epoch) + ": " + show(best->value, Unit::Metric);
    const auto other = log == name ? std::nullopt : best_of(run.epochs, name);
    if (other)
      text += "; in training " + show(other->value, Unit::Metric) + " in epoch " + std::to_string(other->epoch);
    return text + ".";
  }
  return "No epoch has a finite value.";
}

bool all_alike(const Series& series) {
  return std::all_of(series.points.begin(), series.points.end(),
                     [&](const Point& p) { return p.y == series.points.front().y; });
}

Series batch_series(const RunReading& run, const ProgressAxis& axis) {
  Series series{.name = "batch size", .colour = kBatchColour, .points = {}, .steps = true};
  for (const EpochReading& epoch : run.epochs)
    if (epoch.at) series.points.push_back({.x = axis.of_epoch(epoch), .y = static_cast<double>(epoch.at->batch_size)});
  if (axis.name == "samples" || axis.name == "updates")
    for (const BatchChange& change : run.changes)
      series.points.push_back({.x = static_cast<double>(axis.name == "samples" ? change.samples : change.updates),
                               .y = static_cast<double>(change.to),
                               .note = change.why});
  std::stable_sort(series.points.begin(), series.points.end(),
                   [](const Point& a, const Point& b) { return a.x < b.x; });
  return series;
}

}  // namespace

std::string curves_section(const RunReading& run) {
  const std::vector<ProgressAxis> axes = progress_axes({&run});
  const std::vector<std::string> names = measured_names(run.epochs);
  if (names.empty()) return paragraphs({"No epoch has ended yet."});
  std::string text = "<div class=\"grid\">\n";
  for (const std::string& name : names)
    text += figure_html({"curve-" + std::to_string(&name - names.data()), log_title(name), best_sentence(run, name),
                         views_over(axes, [&](const ProgressAxis& axis) { return measured_chart(run, name, axis); })});
  return text + "</div>\n";
}

namespace {

std::string noise_by_layer_table(const RunReading& run) {
  Table table{.caption = "Of each weight, at the end",
              .head = {"weight", "noise scale, in samples", "95 % interval"},
              .rows = {}};
  const auto samples = [](const Config& of, const char* key) {
    const std::optional<double> value = number_of(of, key);
    return value ? show(std::round(*value), Unit::Count) : "–";
  };
  for (const Config& weight : list_of(run.noise_by_layer, "weights"))
    table.rows.push_back({text_of(weight, "weight"), samples(weight, "value"),
                          samples(weight, "low") + " to " + samples(weight, "high")});
  return table.rows.empty() ? "" : table_html(table);
}

}  // namespace

std::string noise_section(const RunReading& run) {
  const EpochReading* last = nullptr;
  for (const EpochReading& epoch : run.epochs)
    if (epoch.noise) last = &epoch;
  if (!last) return "";
  const auto draw = [&](const ProgressAxis& axis) {
    Chart chart;
    chart.y = {.title = "samples", .unit = Unit::Count, .logarithmic = true};
    Series noise{.name = "noise scale, with its 95 % interval", .colour = kNoiseColour};
    for (const EpochReading& epoch : run.epochs) {
      Point point{.x = axis.of_epoch(epoch), .y = kUnknownValue, .note = "epoch " + std::to_string(epoch.epoch)};
      if (epoch.noise) point.y = epoch.noise->value, point.low = epoch.noise->low, point.high = epoch.noise->high;
      noise.points.push_back(point);  // where it was not told, the line is broken
    }
    noise.dots = noise.points.size() <= 60;
    chart.series = {noise, batch_series(run, axis)};
    return chart;
  };
  std::string note = "After epoch " + std::to_string(last->epoch) + ": " + noise_scale_text(*last->noise) + " samples.";
  if (last->at) {
    const auto batch = static_cast<double>(last->at->batch_size);
    if (batch < last->noise->low)
      note += " The batch size is below it: a larger one needs fewer updates and hardly more samples.";
    else if (batch > last->noise->high)
      note += " The batch size is above it: a larger one hardly saves updates and costs samples.";
    else note += " The batch size is within its interval.";
  }
  return figure_html(
             {"noise", "Noise scale against the batch size used", note, views_over(progress_axes({&run}), draw)}) +
         noise_by_layer_table(run);
}

std::string course_section(const RunReading& run) {
  std::string figures;
  std::vector<std::string> sentences;
  const std::vector<ProgressAxis> axes = progress_axes({&run});
  const auto rates = [&](const ProgressAxis& axis) {
    Series series{.colour = kTrainColour};
    for (const EpochReading& epoch : run.epochs)
      if (epoch.learning_rate)
        series.points.push_back(
            {.x = axis.of_epoch(epoch), .y = *epoch.learning_rate, .note = "epoch " + std::to_string(epoch.epoch)});
    series.dots = series.points.size() <= 60;
    return series;
  };
  const auto add = [&](const std::string& key, const std::string& title, Unit unit, const auto& series_of) {
    const Series first = series_of(axes[0]);
    if (first.points.empty()) return;
    if (all_alike(first)) {
      sentences.push_back(title + ": " + show(first.points[0].y, unit) + " throughout.");
      return;
    }
    figures +=
        figure_html({key, title, "", views_over(axes, [&](const ProgressAxis& axis) {
                       Chart chart;
                       chart.series = {series_of(axis)};
                       chart.series[0].name = "";
                       chart.y = {.title = title, .unit = unit, .logarithmic = wide_range(chart), .from_zero = true};
                       return chart;
                     })});
  };
  add("learning-rate", "Learning rate", Unit::Number, rates);
  add("batch-size", "Batch size", Unit::Count, [&](const ProgressAxis& axis) { return batch_series(run, axis); });
  std::string text = paragraphs(sentences);
  if (!figures.empty()) text += "<div class=\"grid\">\n" + figures + "</div>\n";
  if (run.changes.empty()) return text;
  Table table{.caption = "Changes of the batch size",
              .head = {"updates", "samples", "from", "to", "why"},
              .rows = {},
              .words = true};
  for (const BatchChange& change : run.changes) {
    table.rows.push_back({});
    for (const int64_t count : {change.updates, change.samples, change.from, change.to})
      table.rows.back().push_back(show(static_cast<double>(count), Unit::Count));
    table.rows.back().push_back(change.why);
  }
  return text + table_html(table);
}

}  // namespace batchwise
