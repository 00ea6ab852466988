// The report of several runs over one another.
#include "report/html/compare_page.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "report/html/figure.h"
#include "report/html/lookup.h"
#include "report/html/progress_axis.h"
#include "report/html/table.h"

namespace batchwise {
namespace {

// The folder's name, with as much of the path as makes it the only one.
std::vector<std::string> names_of(const std::vector<RunReading>& runs) {
  std::vector<std::string> names;
  for (const RunReading& run : runs) {
    const auto same =
        std::count_if(runs.begin(), runs.end(), [&](const RunReading& other) { return other.name == run.name; });
    names.push_back(same > 1 ? run.path : run.name);
  }
  for (size_t i = 0; i < names.size(); ++i)
    if (std::count(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) > 0)
      names[i] += " (" + std::to_string(i + 1) + ")";
  return names;
}

Figure curve(const std::vector<RunReading>& runs, const std::vector<std::string>& names,
             const std::vector<ProgressAxis>& axes, const std::string& log, size_t number) {
  const auto draw = [&](const ProgressAxis& axis) {
    Chart chart;
    chart.y = {.title = log_title(log), .unit = Unit::Metric};
    for (size_t i = 0; i < runs.size(); ++i) {
      Series series = epoch_series(runs[i], log, axis);
      if (series.points.empty()) continue;
      series.name = names[i];
      series.colour = static_cast<int>(i) % kColours;
      series.dashed = i >= kColours;
      for (Point& point : series.points) point.note = names[i] + ": " + point.note;
      chart.series.push_back(std::move(series));
    }
    chart.y.logarithmic = log.ends_with("loss") && wide_range(chart);
    return chart;
  };
  std::string note;
  for (size_t i = 0; i < runs.size(); ++i)
    if (const auto best = best_of(runs[i].epochs, log))
      note += (note.empty() ? "Best: " : "; ") + names[i] + " " + show(best->value, Unit::Metric);
  return {"curve-" + std::to_string(number), log_title(log), note.empty() ? "" : note + ".", views_over(axes, draw)};
}

std::vector<std::string> logs_of(const std::vector<RunReading>& runs) {
  std::vector<std::string> logs;
  for (const RunReading& run : runs)
    for (const std::string& name : measured_names(run.epochs))
      for (const std::string& log : {"val_" + name, name})
        if (std::find(logs.begin(), logs.end(), log) == logs.end() && is_measured(run.epochs, log)) logs.push_back(log);
  return logs;
}

Table numbers(const std::vector<RunReading>& runs, const std::vector<std::string>& names,
              const std::vector<std::string>& logs) {
  Table table{.caption = "At the end, side by side", .head = {""}, .rows = {}};
  table.head.insert(table.head.end(), names.begin(), names.end());
  const auto row = [&](const std::string& name, const auto& value) {
    std::vector<std::string> cells{name};
    bool any = false;
    for (const RunReading& run : runs) {
      cells.push_back(value(run));
      any = any || !cells.back().empty();
    }
    if (any) table.rows.push_back(std::move(cells));
  };
  const auto end = [&](const std::string& name, const char* key, Unit unit) {
    row(name, [&](const RunReading& run) {
      const auto value = number_of(run.end, key);
      return value ? show(*value, unit) : "";
    });
  };
  row("state", [](const RunReading& run) { return std::string(run.finished ? "finished" : "not finished"); });
  row("epochs", [](const RunReading& run) { return std::to_string(run.epochs.size()); });
  for (const std::string& log : logs) {
    row(log_title(log) + ", last", [&](const RunReading& run) {
      const double* value = run.epochs.empty() ? nullptr : find_log(run.epochs.back().logs, log);
      return value ? show(*value, Unit::Metric) : "";
    });
    row(log_title(log) + ", best", [&](const RunReading& run) {
      const auto best = best_of(run.epochs, log);
      return best ? show(best->value, Unit::Metric) + " (epoch " + std::to_string(best->epoch) + ")" : "";
    });
  }
  const auto last = [&](const std::string& name, Unit unit, const auto& value) {
    row(name, [&](const RunReading& run) {
      return run.epochs.empty() || !run.epochs.back().at
                 ? ""
                 : show(static_cast<double>(value(*run.epochs.back().at)), unit);
    });
  };
  last("updates", Unit::Count, [](const RunProgress& at) { return at.updates; });
  last("samples", Unit::Count, [](const RunProgress& at) { return at.samples; });
  last("time", Unit::Seconds, [](const RunProgress& at) { return at.seconds; });
  row("noise scale", [](const RunReading& run) {
    return run.epochs.empty() || !run.epochs.back().noise ? "" : show(run.epochs.back().noise->value, Unit::Count);
  });
  end("samples per second", "samples_per_second", Unit::Count);
  end("peak memory", "peak_rss_bytes", Unit::Bytes);
  row("planned peak", [](const RunReading& run) {
    return run.plan.peak_bytes > 0 ? show(static_cast<double>(run.plan.peak_bytes), Unit::Bytes) : "";
  });
  row("weights, SHA-256", [](const RunReading& run) { return text_of(run.end, "weights_sha256").substr(0, 12); });
  return table;
}

// Settings by key: the rows that differ, and how many do not.
std::string settings(const std::vector<RunReading>& runs, const std::vector<std::string>& names) {
  std::vector<std::string> keys;
  for (const RunReading& run : runs)
    if (const Config* set = part_of(run.record, "settings"); set && set->is_object())
      for (const auto& [key, value] : set->as_object())
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
  Table differ{.caption = "Settings that differ", .head = {""}, .rows = {}},
      same{.caption = "Settings that are the same", .head = {}, .rows = {}, .words = true};
  differ.head.insert(differ.head.end(), names.begin(), names.end());
  for (const std::string& key : keys) {
    std::vector<std::string> row{key};
    for (const RunReading& run : runs) {
      const Config* value = part_of(run.record, "settings." + key);
      const std::string text = value ? shown(*value) : "";
      row.push_back(text.empty() ? "–" : text);
    }
    const bool alike = std::set<std::string>(row.begin() + 1, row.end()).size() == 1;
    if (alike) same.rows.push_back({key, row[1]});
    else differ.rows.push_back(std::move(row));
  }
  std::string text = differ.rows.empty() ? paragraphs({"All settings are the same."}) : table_html(differ);
  if (!same.rows.empty())
    text += "<details><summary>The same in all: " + std::to_string(same.rows.size()) + " settings</summary>\n" +
            table_html(same) + "</details>\n";
  return text;
}

}  // namespace

Page compare_page(const std::vector<RunReading>& runs) {
  const std::vector<std::string> names = names_of(runs);
  std::vector<const RunReading*> each;
  for (const RunReading& run : runs) each.push_back(&run);
  const std::vector<ProgressAxis> axes = progress_axes(each);
  const std::vector<std::string> logs = logs_of(runs);
  Page page;
  page.kind = "Comparison of " + std::to_string(runs.size()) + " runs";
  for (const std::string& name : names) page.title += (page.title.empty() ? "" : " · ") + name;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!runs[i].finished) page.troubles.push_back(names[i] + " is not finished.");
    for (const std::string& trouble : runs[i].troubles) page.troubles.push_back(names[i] + ": " + trouble);
  }
  std::string curves;
  for (size_t i = 0; i < logs.size(); ++i) curves += figure_html(curve(runs, names, axes, logs[i], i));
  if (!curves.empty()) curves = "<div class=\"grid\">\n" + curves + "</div>\n";
  page.sections = {{"numbers", "Side by side", table_html(numbers(runs, names, logs))},
                   {"curves", "Curves", curves},
                   {"settings", "Settings", settings(runs, names)}};
  page.foot = "Made by batchwise report.";
  return page;
}

}  // namespace batchwise
