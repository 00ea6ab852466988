// The report of a tune.
#include "report/html/tune_page.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "report/html/advice.h"
#include "report/html/best_series.h"
#include "report/html/figure.h"
#include "report/html/lookup.h"
#include "report/html/progress_axis.h"
#include "report/html/run_page.h"
#include "report/html/run_reading.h"
#include "report/html/table.h"

namespace batchwise {
namespace {

double number(const Config& record, std::string_view key) { return number_of(record, key).value_or(kUnknownValue); }

std::string shown_number(const Config& record, std::string_view key, Unit unit) {
  const auto value = number_of(record, key);
  return value ? show(*value, unit) : "";
}

// {"value":…,"low":…,"high":…}: "812 (700 to 960)".
std::string value_text(const Config& record, std::string_view key) {
  const Config* part = part_of(record, key);
  if (!part || !number_of(*part, "value")) return "";
  std::string text = shown_number(*part, "value", Unit::Count);
  if (number_of(*part, "low") && number_of(*part, "high"))
    text += " (" + shown_number(*part, "low", Unit::Count) + " to " + shown_number(*part, "high", Unit::Count) + ")";
  return text;
}

Series points_of(const Config::List& items, const char* x, const char* y, int colour) {
  Series series{.colour = colour};
  for (const Config& item : items)
    if (std::isfinite(number(item, x))) series.points.push_back({.x = number(item, x), .y = number(item, y)});
  std::stable_sort(series.points.begin(), series.points.end(),
                   [](const Point& a, const Point& b) { return a.x < b.x; });
  return series;
}

Axis batch_axis(const Config::List& items) {
  Axis axis{.title = "batch size", .unit = Unit::Count, .logarithmic = true};
  for (const Config& item : items)
    if (const double size = number(item, "batch_size"); size > 0) axis.at.push_back(size);
  std::sort(axis.at.begin(), axis.at.end());
  axis.at.erase(std::unique(axis.at.begin(), axis.at.end()), axis.at.end());
  return axis;
}

std::string rates_figure(const Config& record) {
  const Config::List& points = list_of(record, "rates.points");
  if (points.empty()) return "";
  Chart chart{.x = {.title = "learning rate", .logarithmic = true},
              .y = {.title = "loss", .unit = Unit::Metric},
              .series = {points_of(points, "rate", "loss", 0)},
              .marks = {}};
  // A loss that has blown up would flatten all that matters.
  double first = kUnknownValue, least = std::numeric_limits<double>::infinity();
  for (const Point& point : chart.series[0].points) {
    if (!std::isfinite(point.y)) continue;
    if (std::isnan(first)) first = point.y;
    least = std::min(least, point.y);
  }
  if (std::isfinite(first)) chart.y.ceiling = first + (first - least) / 2;
  if (const auto chosen = number_of(record, "rates.chosen"))
    chart.marks.push_back({Mark::Across::X, *chosen, "chosen " + show(*chosen, Unit::Number)});
  if (const auto highest = number_of(record, "rates.highest"))
    chart.marks.push_back({Mark::Across::X, *highest, "highest that is stable"});
  const std::string at = shown_number(record, "rates.batch_size", Unit::Count);
  return figure_html({"rates",
                      "Learning-rate range",
                      at.empty() ? "" : "The loss as the rate grows, at batch size " + at + ".",
                      {{"", std::move(chart)}}});
}

std::string speed_figure(const Config& record) {
  const Config::List& speeds = list_of(record, "speeds");
  if (speeds.empty()) return "";
  Series samples = points_of(speeds, "batch_size", "samples_per_second", 2);
  samples.dots = true;
  Chart chart{.x = batch_axis(speeds),
              .y = {.title = "samples per second", .unit = Unit::Count, .from_zero = true},
              .series = {std::move(samples)},
              .marks = {}};
  return figure_html({"speeds", "Speed per batch size", "Measured training steps.", {{"", std::move(chart)}}});
}

std::string plan_figure(const Config& record) {
  const Config::List& plans = list_of(record, "plans");
  if (plans.empty()) return "";
  Series peak = points_of(plans, "batch_size", "peak_bytes", 0);
  peak.dots = true;
  for (Point& point : peak.points)
    for (const Config& plan : plans)
      if (number(plan, "batch_size") == point.x)
        point.note = flag_of(plan, "fits") ? "fits the budget" : "does not fit the budget";
  Chart chart{.x = batch_axis(plans),
              .y = {.title = "planned peak", .unit = Unit::Bytes, .from_zero = true},
              .series = {std::move(peak)},
              .marks = {}};
  if (const auto budget = number_of(record, "settings.memory"); budget && *budget > 0)
    chart.marks.push_back({Mark::Across::Y, *budget, "budget"});
  return figure_html({"plans", "Memory per batch size", "As planned, before anything ran.", {{"", std::move(chart)}}});
}

// Each round goes on from one state at several batch sizes and learning rates: the losses it ends with.
std::string branches(const Config& record) {
  const Config::List& all = list_of(record, "branches");
  if (all.empty()) return "";
  std::map<double, std::vector<Point>> rounds;
  const Unit way_unit = text_of(record, "settings.goal") == "samples" ? Unit::Count : Unit::Seconds;
  Table table{.caption = "Branches, each from the same state of its round",
              .head = {"round", "batch size", "learning rate", "samples", "updates", "time", "loss", "way", "kept"},
              .rows = {}};
  for (const Config& branch : all) {
    const std::string round = shown_number(branch, "round", Unit::Count),
                      rate = shown_number(branch, "learning_rate", Unit::Number);
    const bool kept = flag_of(branch, "kept");
    rounds[number_of(branch, "round").value_or(0)].push_back(
        {.x = number(branch, "batch_size"),
         .y = number(branch, "loss"),
         .note = "round " + round + ": learning rate " + rate + (kept ? ", kept" : "")});
    if (kept) table.chosen.push_back(table.rows.size());
    table.rows.push_back({round, shown_number(branch, "batch_size", Unit::Count), rate,
                          shown_number(branch, "samples", Unit::Count), shown_number(branch, "updates", Unit::Count),
                          shown_number(branch, "seconds", Unit::Seconds), shown_number(branch, "loss", Unit::Metric),
                          shown_number(branch, "way", way_unit), kept ? "yes" : ""});
  }
  Chart chart{.x = batch_axis(all), .y = {.title = "loss", .unit = Unit::Metric}, .series = {}, .marks = {}};
  int colour = 0;
  for (const auto& [round, points] : rounds)
    add_best(chart, "round " + show(round, Unit::Count), "other learning rates", colour++ % kColours, points, false);
  chart.y.logarithmic = wide_range(chart);
  if (const auto critical = number_of(record, "critical_batch.value"))
    chart.marks.push_back({Mark::Across::X, *critical, "critical batch", number(record, "critical_batch.low"),
                           number(record, "critical_batch.high")});
  return figure_html(
             {"branches-loss",
              "Loss of the branches",
              "The branches of a round go on from one state. The line joins the best learning rate of each batch size.",
              {{"", std::move(chart)}}}) +
         "<details><summary>All " + std::to_string(all.size()) + " branches</summary>\n" + table_html(table) +
         "</details>\n";
}

std::vector<Fact> headline(const Config& record) {
  std::vector<Fact> facts;
  const auto add = [&](const char* name, const std::string& value, const std::string& note) {
    if (!value.empty()) facts.push_back({name, value, note});
  };
  add("Batch size", shown_number(record, "recommendation.batch_size", Unit::Count), "recommended");
  add("Learning rate", shown_number(record, "recommendation.learning_rate", Unit::Number), "recommended");
  add("Noise scale", value_text(record, "noise_scale"), "samples, 95 % interval");
  add("Critical batch size", value_text(record, "critical_batch"), "samples");
  const std::string samples = shown_number(record, "samples", Unit::Count);
  add("Cost of the tune", shown_number(record, "seconds", Unit::Seconds), samples.empty() ? "" : samples + " samples");
  return facts;
}

}  // namespace

bool is_tune_folder(const std::string& folder) {
  std::error_code error;
  if (std::filesystem::exists(folder + "/tune.json", error)) return true;
  std::vector<std::string> unread;
  return std::filesystem::exists(folder + "/run.json", error) &&
         text_of(read_record(folder + "/run.json", unread), "kind") == "tune";
}

Page tune_page(const std::string& folder) {
  static const Config nothing{Config::Object{}};
  Page page;
  const Config record = read_record(folder + "/tune.json", page.troubles);
  std::vector<std::string> unread;  // what a tune was asked for besides is in run.json, when that is there
  const Config run = read_record(folder + "/run.json", unread);
  const Config *settings = part_of(record, "settings"), *training = part_of(run, "settings");
  const std::filesystem::path path = std::filesystem::absolute(folder + "/.").lexically_normal();
  const std::string name = path.parent_path().filename().string();
  page.kind = "Tune · " + name;
  page.title = subject_of(training ? *training : settings ? *settings : nothing, name);
  page.settled = part_of(record, "recommendation") != nullptr;
  page.state = page.settled ? "finished" : "Not finished: there is no recommendation yet.";
  page.facts = headline(record);
  const std::string measured = rates_figure(record) + speed_figure(record) + plan_figure(record);
  page.sections = {
      {"recommendation", "Recommendation", advice_html(record)},
      {"measured", "What was measured", measured.empty() ? "" : "<div class=\"grid\">\n" + measured + "</div>\n"},
      {"branches", "Branches", branches(record)},
      {"settings", "Settings",
       settings_html(settings ? *settings : nothing, "As in tune.json") +
           settings_html(training ? *training : nothing, "As in run.json", {"batch_size", "epochs"})}};
  page.foot = "Made by batchwise report from " + folder + ".";
  return page;
}

}  // namespace batchwise
