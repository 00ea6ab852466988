// The report of a sweep over batch sizes.
#include "report/html/sweep_page.h"

#include <algorithm>
#include <cmath>

#include "report/html/advice.h"
#include "report/html/figure.h"
#include "report/html/lookup.h"
#include "report/html/run_page.h"
#include "report/html/seed_band.h"
#include "report/html/sweep_figures.h"
#include "report/html/table.h"

namespace batchwise {
namespace {

std::string group_name(const CellGroup& group) {
  std::string name = group.optimizer;
  if (std::isfinite(group.batch_size)) name += " batch " + show(group.batch_size, Unit::Count);
  if (std::isfinite(group.learning_rate)) name += ", rate " + show(group.learning_rate, Unit::Number);
  return name;
}

// The batch size is the colour, the optimizer the stroke; where there are several learning rates of both, every line
// has a colour of its own.
std::string curves(const SweepReading& sweep) {
  const std::vector<CellGroup> groups = sweep.groups();
  std::vector<double> sizes;
  std::vector<std::string> optimizers;
  for (const CellGroup& group : groups) {
    if (std::find(sizes.begin(), sizes.end(), group.batch_size) == sizes.end()) sizes.push_back(group.batch_size);
    if (std::find(optimizers.begin(), optimizers.end(), group.optimizer) == optimizers.end())
      optimizers.push_back(group.optimizer);
  }
  std::sort(sizes.begin(), sizes.end());
  const bool several_rates = groups.size() > sizes.size() * optimizers.size();
  RunReading whole;  // every epoch of every cell: which axes and logs there are
  for (const CellReading& cell : sweep.cells)
    whole.epochs.insert(whole.epochs.end(), cell.epochs.begin(), cell.epochs.end());
  if (whole.epochs.empty()) return "";
  const std::vector<ProgressAxis> axes = progress_axes({&whole});
  std::string text;
  int number = 0;
  for (const std::string& name : measured_names(whole.epochs))
    for (const std::string& log : {"val_" + name, name}) {
      if (!is_measured(whole.epochs, log)) continue;
      const auto draw = [&](const ProgressAxis& axis) {
        Chart chart;
        chart.y = {.title = log_title(log), .unit = Unit::Metric};
        for (const CellGroup& group : groups) {
          Series series = seed_band(group, log, axis);
          if (series.points.empty()) continue;
          series.name = group_name(group);
          series.colour =
              static_cast<int>(several_rates ? &group - groups.data()
                                             : std::find(sizes.begin(), sizes.end(), group.batch_size) - sizes.begin());
          // More lines than colours: the second round of them is dashed.
          const bool again = series.colour >= kColours;
          series.colour %= kColours;
          series.dashed = again != (!several_rates && group.optimizer != optimizers.front());
          for (Point& point : series.points) point.note = series.name + ": " + point.note;
          chart.series.push_back(std::move(series));
        }
        chart.y.logarithmic = log.ends_with("loss") && wide_range(chart);
        return chart;
      };
      text += figure_html({"curve-" + std::to_string(number++), log_title(log), "", views_over(axes, draw)});
    }
  const std::string key = several_rates           ? " Each line has its colour or stroke."
                          : optimizers.size() > 1 ? " The colour is the batch size, the stroke the optimizer."
                                                  : " The colour is the batch size.";
  return "<p>Means over seeds with 95 % intervals." + key + "</p>\n<div class=\"grid\">\n" + text + "</div>\n";
}

bool is_choice(const Config& row, const Config& record) {
  for (const char* key : {"batch_size", "learning_rate", "optimizer"}) {
    const Config *here = part_of(row, key), *chosen = part_of(record, std::string("summary.recommendation.") + key);
    if (here && chosen && here->text() != chosen->text()) return false;
  }
  return part_of(record, "summary.recommendation.batch_size") != nullptr;
}

std::string summary_table(const SweepReading& sweep) {
  const Config::List& rows = list_of(sweep.record, "summary.rows");
  if (rows.empty()) return "";
  Table table{.caption = "Means over seeds, with 95 % intervals",
              .head = {"batch size", "optimizer", "learning rate", "seeds", "reached the target", "time to it",
                       "samples to it", "updates to it", "best", "training then", "gap"},
              .rows = {}};
  for (const Config& row : rows) {
    const auto count = [&](const char* key) {
      const auto value = number_of(row, key);
      return value ? show(*value, Unit::Count) : std::string();
    };
    const auto rate = number_of(row, "learning_rate");
    if (is_choice(row, sweep.record)) table.chosen.push_back(table.rows.size());
    table.rows.push_back({count("batch_size"), text_of(row, "optimizer"), rate ? show(*rate, Unit::Number) : "",
                          count("seeds"), count("reached"), interval_text(row, "seconds_to_target", Unit::Seconds),
                          interval_text(row, "samples_to_target", Unit::Count),
                          interval_text(row, "updates_to_target", Unit::Count),
                          interval_text(row, "best", Unit::Metric), interval_text(row, "train", Unit::Metric),
                          interval_text(row, "gap", Unit::Metric)});
  }
  return table_html(table);
}

// Cells that were not run to their end, with the reason.
std::string not_run(const SweepReading& sweep) {
  Table table{
      .caption = "Cells without a result, and why", .head = {"cell", "state", "why"}, .rows = {}, .words = true};
  for (const CellReading& cell : sweep.cells)
    if (cell.state != "done" && cell.state != "open") table.rows.push_back({cell.name, cell.state, cell.why});
  return table.rows.empty() ? "" : table_html(table);
}

std::string all_cells(const SweepReading& sweep) {
  Table table{
      .caption = "All cells",
      .head = {"cell", "state", "epochs", "samples per second", "planned peak", "measured peak", "weights, SHA-256"},
      .rows = {}};
  for (const CellReading& cell : sweep.cells) {
    const auto value = [&](const char* key, Unit unit) {
      const auto number = number_of(cell.record, key);
      return number ? show(*number, unit) : std::string();
    };
    table.rows.push_back({cell.name, cell.state, std::to_string(cell.epochs.size()),
                          value("samples_per_second", Unit::Count), value("plan.peak_bytes", Unit::Bytes),
                          value("peak_rss_bytes", Unit::Bytes), text_of(cell.record, "weights_sha256").substr(0, 12)});
  }
  return table.rows.empty() ? ""
                            : "<details><summary>All " + std::to_string(table.rows.size()) + " cells</summary>\n" +
                                  table_html(table) + "</details>\n";
}

std::vector<Fact> headline(const SweepReading& sweep) {
  std::vector<Fact> facts;
  const auto count = static_cast<int64_t>(sweep.cells.size());
  facts.push_back({"Cells",
                   show(static_cast<double>(sweep.count("done")), Unit::Count) + " of " +
                       show(static_cast<double>(count), Unit::Count),
                   "run to their end"});
  for (const char* state : {"stopped", "infeasible", "failed", "open"})
    if (const int64_t cells = sweep.count(state); cells > 0)
      facts.push_back(
          {std::string(1, static_cast<char>(std::toupper(state[0]))) + (state + 1), std::to_string(cells), "cells"});
  if (const std::string metric = text_of(sweep.record, "summary.target.metric"); !metric.empty()) {
    const auto value = number_of(sweep.record, "summary.target.value");
    facts.push_back({"Target", log_title(metric) + (value ? " " + show(*value, Unit::Number) : ""),
                     text_of(sweep.record, "summary.target.why")});
  }
  if (const auto critical = number_of(sweep.record, "summary.curve.critical_batch")) {
    const auto low = number_of(sweep.record, "summary.curve.low"), high = number_of(sweep.record, "summary.curve.high");
    facts.push_back({"Critical batch size", show(*critical, Unit::Count),
                     low && high ? show(*low, Unit::Count) + " to " + show(*high, Unit::Count) : ""});
  }
  return facts;
}

}  // namespace

Page sweep_page(const SweepReading& sweep) {
  static const Config nothing{Config::Object{}};
  const Config* settings = part_of(sweep.record, "settings");
  const Config* training = part_of(sweep.record, "settings.train");  // what all runs have in common
  const Config* summary = part_of(sweep.record, "summary");
  const int64_t open = sweep.count("open");
  Page page;
  page.kind = "Sweep · " + sweep.name;
  page.title = subject_of(training ? *training : settings ? *settings : nothing, sweep.name);
  page.settled = open == 0 && !sweep.cells.empty();
  page.state = page.settled ? "finished"
                            : "Not finished: " + std::to_string(open) + (open == 1 ? " cell is" : " cells are") +
                                  " still to be run.";
  page.troubles = sweep.troubles;
  page.facts = headline(sweep);
  page.sections = {
      {"recommendation", "Recommendation", summary ? advice_html(*summary) : ""},
      {"outcome", "What each batch size reaches", outcome_figures(sweep)},
      {"cost", "What it costs to get there", cost_figures(sweep)},
      {"summary", "Summary", summary_table(sweep)},
      {"curves", "Curves", curves(sweep)},
      {"memory", "Memory and speed", memory_figures(sweep)},
      {"cells", "Cells", not_run(sweep) + all_cells(sweep)},
      {"settings", "Settings",
       settings_html(settings ? *settings : nothing, "As in sweep.json", {"train.batch_size", "train.epochs"})}};
  page.foot = "Made by batchwise report from " + sweep.path + ".";
  return page;
}

}  // namespace batchwise
