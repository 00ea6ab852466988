// What the cells of a sweep say together.
#include "batch_size/sweep/sweep_summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <sstream>

#include "batch_size/sweep/interval.h"
#include "batch_size/sweep/recommendation.h"
#include "batch_size/sweep/sweep_grid.h"
#include "batch_size/sweep/trade_off_curve.h"
#include "batch_size/sweep/way_to_target.h"
#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

using Cells = std::vector<SweepCell>;

bool all_done(const Cells& cells, std::pair<size_t, size_t> row) {
  return std::all_of(cells.begin() + static_cast<std::ptrdiff_t>(row.first),
                     cells.begin() + static_cast<std::ptrdiff_t>(row.second),
                     [](const SweepCell& cell) { return cell.state == "done"; });
}

// What every seed of the row reaches; nothing when one of them measured nothing.
std::optional<double> reached_by_all(const Cells& cells, std::pair<size_t, size_t> row, const std::string& metric) {
  std::optional<double> worst;
  for (size_t c = row.first; c < row.second; ++c) {
    const SweepEpoch* best = best_epoch(metric, cells[c]);
    if (!best) return std::nullopt;
    const double value = *find_log(best->logs, metric);
    if (!worst || is_better(metric, *worst, value)) worst = value;
  }
  return worst;
}

std::optional<SweepTarget> derived_target(const Cells& cells) {
  const std::string metric = usual_metric(cells);
  std::map<int64_t, double> best;  // of each batch size
  for (const auto& row : rows_of(cells)) {
    const auto value = all_done(cells, row) ? reached_by_all(cells, row, metric) : std::nullopt;
    if (!value) continue;
    const auto [at, fresh] = best.emplace(cells[row.first].batch_size, *value);
    if (!fresh && is_better(metric, *value, at->second)) at->second = *value;
  }
  if (best.empty()) return std::nullopt;
  std::vector<double> values;
  for (const auto& [size, value] : best) values.push_back(value);
  std::sort(values.begin(), values.end(), [&](double a, double b) { return is_better(metric, a, b); });
  const size_t reach = (3 * values.size() + 3) / 4;
  return SweepTarget{metric, values[reach - 1],
                     "what " + std::to_string(reach) + " of " + std::to_string(values.size()) +
                         " batch sizes reach with every seed, each in its best row"};
}

std::string training_name(const std::string& metric) {
  return metric.starts_with("val_") ? metric.substr(4) : std::string();
}

std::optional<Interval> interval_or_nothing(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return interval_of(values);
}

// Of what cannot be negative.
std::optional<Interval> interval_of_ways(const std::vector<double>& values) {
  std::optional<Interval> interval = interval_or_nothing(values);
  if (interval && interval->low) interval->low = std::max(0.0, *interval->low);
  return interval;
}

SweepRow row_of(const Cells& cells, std::pair<size_t, size_t> range, const std::optional<SweepTarget>& target) {
  const SweepCell& first = cells[range.first];
  SweepRow row;
  row.optimizer = first.optimizer;
  row.batch_size = first.batch_size;
  row.learning_rate = first.learning_rate;
  row.state = first.state;
  row.why = first.why;
  std::vector<double> seconds, samples, updates, best, train, gap;
  for (size_t c = range.first; c < range.second; ++c) {
    const SweepCell& cell = cells[c];
    if (cell.state != row.state) row.state = "";
    if (cell.why != row.why && !row.why.empty()) row.why = cell.why.empty() ? row.why : row.why + "; " + cell.why;
    if (cell.epochs.empty() || !target) continue;
    ++row.seeds;
    if (const auto way = way_to(*target, cell)) {
      seconds.push_back(way->seconds);
      samples.push_back(way->samples);
      updates.push_back(way->updates);
    }
    const SweepEpoch* epoch = best_epoch(target->metric, cell);
    if (!epoch) continue;
    best.push_back(*find_log(epoch->logs, target->metric));
    const double* training = find_log(cell.trained, training_name(target->metric));
    const double* held_out = find_log(cell.epochs.back().logs, target->metric);
    if (!training || !held_out || !std::isfinite(*training) || !std::isfinite(*held_out)) continue;
    train.push_back(*training);
    gap.push_back(*training - *held_out);
  }
  row.reached = static_cast<int64_t>(updates.size());
  if (row.reached == static_cast<int64_t>(range.second - range.first)) {
    row.seconds_to_target = interval_of_ways(seconds);
    row.samples_to_target = interval_of_ways(samples);
    row.updates_to_target = interval_of_ways(updates);
  }
  row.best = interval_or_nothing(best);
  row.train = interval_or_nothing(train);
  row.gap = interval_or_nothing(gap);
  return row;
}

// Of every batch size the row that needed the fewest updates.
std::vector<TradeOffCurve> curves_of(const SweepResult& result) {
  const auto ranges = rows_of(result.cells);
  std::map<std::string, std::map<int64_t, size_t>> best;
  std::vector<std::string> order;
  for (size_t r = 0; r < result.rows.size(); ++r) {
    const SweepRow& row = result.rows[r];
    if (std::find(order.begin(), order.end(), row.optimizer) == order.end()) order.push_back(row.optimizer);
    if (!row.updates_to_target) continue;
    const auto [at, fresh] = best[row.optimizer].emplace(row.batch_size, r);
    if (!fresh && row.updates_to_target->mean < result.rows[at->second].updates_to_target->mean) at->second = r;
  }
  std::vector<TradeOffCurve> curves;
  for (const std::string& optimizer : order) {
    std::vector<NeededToTarget> runs;
    for (const auto& [size, r] : best[optimizer])
      for (size_t c = ranges[r].first; c < ranges[r].second; ++c) {
        const WayToTarget way = *way_to(*result.target, result.cells[c]);
        if (!way.at_most) runs.push_back({size, result.cells[c].seed, way.updates, way.samples});
      }
    curves.push_back(fit_trade_off(runs));
    curves.back().optimizer = optimizer;
  }
  return curves;
}

void add_notes(SweepResult& result) {
  const std::string& metric = result.target->metric;
  if (training_name(metric).empty())
    result.notes.push_back(metric +
                           " is of the training data, averaged over each epoch: no data was held out to validate on");
  std::vector<int64_t> sizes;
  for (const SweepCell& cell : result.cells)
    if (const auto way = way_to(*result.target, cell); way && way->at_most) sizes.push_back(cell.batch_size);
  if (sizes.empty()) return;
  std::sort(sizes.begin(), sizes.end());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  std::string list;
  for (int64_t size : sizes) list += (list.empty() ? "" : ", ") + std::to_string(size);
  result.notes.push_back(
      "runs with batch size " + list +
      " reached the target within their first epoch: their ways to it are at most as told, and not part of the curve");
}

}  // namespace

std::string usual_metric(const Cells& cells) {
  const auto with =
      std::find_if(cells.begin(), cells.end(), [](const SweepCell& cell) { return !cell.epochs.empty(); });
  if (with == cells.end()) return "";
  const Logs& logs = with->epochs.front().logs;
  std::string metric;
  for (const auto& [name, value] : logs)
    if (metric.empty() && name != "loss" && !name.starts_with("val_") && !name.ends_with("loss") && better_way(name))
      metric = name;
  for (const std::string& name : {"val_" + metric, std::string("val_loss"), metric})
    if (find_log(logs, name)) return name;
  return "loss";
}

void summarize(SweepResult& result, const std::optional<SweepTarget>& stated) {
  result.rows.clear();
  result.curves.clear();
  result.notes.clear();
  result.recommendation.reset();
  result.target = stated ? stated : derived_target(result.cells);
  for (const auto& range : rows_of(result.cells)) result.rows.push_back(row_of(result.cells, range, result.target));
  if (!result.target) return;
  result.curves = curves_of(result);
  add_notes(result);
  result.recommendation = recommend(result);
}

}  // namespace batchwise
