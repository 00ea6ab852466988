// The row to take.
#include "batch_size/sweep/recommendation.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "batch_size/sweep/interval.h"
#include "batch_size/sweep/sweep_grid.h"
#include "batch_size/sweep/way_to_target.h"
#include "training/callbacks/better_way.h"

namespace batchwise {
namespace {

std::string number(double value, int digits = 3) {
  char text[40];
  if (std::fabs(value) >= std::pow(10, digits) - 0.5 && std::fabs(value) < 1e15)
    std::snprintf(text, sizeof text, "%.0f", value);
  else std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

std::string with_bounds(const Interval& interval, int digits = 3) {
  std::string text = number(interval.mean, digits);
  if (interval.low) text += " (" + number(*interval.low, digits) + " to " + number(*interval.high, digits) + ")";
  return text;
}

std::string more(double ratio, const char* what) {
  if (ratio >= 1.995) return number(ratio, 2) + " times the " + what;
  const double percent = 100 * (ratio - 1);
  if (std::fabs(percent) < 0.5) return std::string("as much ") + what;
  return number(std::fabs(percent), 2) + " % " + (percent > 0 ? "more " : "less ") + what;
}

SweepChoice choice_of(const SweepRow& row) { return {row.optimizer, row.batch_size, row.learning_rate}; }

// One value of each seed of a row: seconds to the target, or the best of the metric.
std::vector<double> values_of(const SweepResult& result, size_t row, bool seconds) {
  const auto range = rows_of(result.cells)[row];
  std::vector<double> values;
  for (size_t c = range.first; c < range.second; ++c) {
    const SweepCell& cell = result.cells[c];
    if (seconds) {
      if (const auto way = way_to(*result.target, cell)) values.push_back(way->seconds);
    } else if (const SweepEpoch* best = best_epoch(result.target->metric, cell)) {
      values.push_back(*find_log(best->logs, result.target->metric));
    }
  }
  return values;
}

bool within_first_epoch(const SweepResult& result, size_t row) {
  const auto range = rows_of(result.cells)[row];
  return std::any_of(result.cells.begin() + static_cast<std::ptrdiff_t>(range.first),
                     result.cells.begin() + static_cast<std::ptrdiff_t>(range.second), [&](const SweepCell& cell) {
                       const auto way = way_to(*result.target, cell);
                       return way && way->at_most;
                     });
}

// `rows`: that could have been the best. Who is the best of many is so by luck more often than one of two.
std::string how_sure(const SweepResult& result, size_t first, size_t second, bool seconds, size_t rows) {
  if (seconds && (within_first_epoch(result, first) || within_first_epoch(result, second)))
    return "it cannot be told how sure this is: runs reached the target within their first epoch. Sweep to a harder "
           "one, with --reach";
  std::vector<double> a = values_of(result, first, seconds), b = values_of(result, second, seconds);
  if (!seconds && is_better(result.target->metric, 1, 0)) std::swap(a, b);  // more is better
  const auto probability = probability_smaller(a, b);
  if (!probability) return "with one seed each it cannot be told how sure this is: sweep with more seeds";
  const double doubt = (1 - *probability) * static_cast<double>(rows - 1);
  char text[160];
  std::snprintf(text, sizeof text,
                "%.0f %% sure that it is better than the runner-up, by Welch's test over %zu and %zu seeds, "
                "for the best of %zu rows",
                std::floor(100 * std::max(0.0, 1 - doubt)), a.size(), b.size(), rows);
  return text;
}

void add_curve_reason(const SweepResult& result, const SweepRow& row, SweepRecommendation& made) {
  for (const TradeOffCurve& curve : result.curves) {
    if (curve.optimizer != row.optimizer) continue;
    if (!curve.why.empty()) {
      made.reasons.push_back("the critical batch size of " + curve.optimizer + " cannot be told: " + curve.why);
      continue;
    }
    std::string text = "the critical batch size of " + curve.optimizer + " is " + number(curve.critical_batch);
    if (curve.low) text += " (" + number(*curve.low) + " to " + number(*curve.high) + ")";
    const double size = static_cast<double>(row.batch_size), extra = size / curve.critical_batch;
    text += ": batch size " + std::to_string(row.batch_size) + " takes " + number(1 + 1 / extra, 2) +
            " times the least updates and " + number(1 + extra, 2) + " times the least samples";
    made.reasons.push_back(text);
  }
}

void add_memory_reason(const SweepResult& result, SweepRecommendation& made) {
  size_t infeasible = 0;
  for (const SweepRow& row : result.rows) infeasible += row.state == "infeasible";
  if (infeasible > 0)
    made.reasons.push_back(std::to_string(infeasible) + " of " + std::to_string(result.rows.size()) +
                           " rows cannot run, for want of memory or samples, and were not compared");
}

SweepRecommendation fastest(const SweepResult& result, const std::vector<size_t>& order) {
  const SweepRow& row = result.rows[order.front()];
  SweepRecommendation made{choice_of(row), {}, std::nullopt, "", ""};
  made.reasons.push_back("it reaches " + result.target->metric + " " + number(result.target->value, 4) + " first: in " +
                         with_bounds(*row.seconds_to_target) + " s, " + with_bounds(*row.samples_to_target) +
                         " samples and " + with_bounds(*row.updates_to_target) + " updates");
  size_t fewest = order.front();
  for (size_t r : order)
    if (result.rows[r].samples_to_target->mean < result.rows[fewest].samples_to_target->mean) fewest = r;
  if (fewest != order.front())
    made.reasons.push_back("the fewest samples take batch size " + std::to_string(result.rows[fewest].batch_size) +
                           " with " + result.rows[fewest].optimizer + ": this one takes " +
                           more(row.samples_to_target->mean / result.rows[fewest].samples_to_target->mean, "samples"));
  add_curve_reason(result, row, made);
  if (row.gap)
    made.reasons.push_back("between training and validation lie " + with_bounds(*row.gap, 2) + " of the metric");
  add_memory_reason(result, made);
  if (order.size() > 1) {
    const SweepRow& second = result.rows[order[1]];
    made.runner_up = choice_of(second);
    made.costs = more(second.seconds_to_target->mean / row.seconds_to_target->mean, "time") + " and " +
                 more(second.samples_to_target->mean / row.samples_to_target->mean, "samples");
    made.sure = how_sure(result, order[0], order[1], true, order.size());
  } else {
    made.sure = "no other row reached the target with every seed";
  }
  return made;
}

SweepRecommendation nearest(const SweepResult& result, const std::vector<size_t>& order) {
  const SweepRow& row = result.rows[order.front()];
  SweepRecommendation made{choice_of(row), {}, std::nullopt, "", ""};
  made.reasons.push_back("no row reached " + result.target->metric + " " + number(result.target->value, 4) +
                         " with every seed; this one came nearest, to " + with_bounds(*row.best, 4));
  add_memory_reason(result, made);
  if (order.size() > 1) {
    const SweepRow& second = result.rows[order[1]];
    made.runner_up = choice_of(second);
    made.costs = "a " + result.target->metric + " of " + number(second.best->mean, 4) + " in place of " +
                 number(row.best->mean, 4);
    made.sure = how_sure(result, order[0], order[1], false, order.size());
  } else {
    made.sure = "no other row was measured";
  }
  return made;
}

}  // namespace

std::optional<SweepRecommendation> recommend(const SweepResult& result) {
  std::vector<size_t> reached, measured;
  for (size_t r = 0; r < result.rows.size(); ++r) {
    if (result.rows[r].seconds_to_target) reached.push_back(r);
    if (result.rows[r].best) measured.push_back(r);
  }
  const auto& rows = result.rows;
  std::stable_sort(reached.begin(), reached.end(), [&](size_t a, size_t b) {
    return rows[a].seconds_to_target->mean < rows[b].seconds_to_target->mean;
  });
  std::stable_sort(measured.begin(), measured.end(), [&](size_t a, size_t b) {
    return is_better(result.target->metric, rows[a].best->mean, rows[b].best->mean);
  });
  if (!reached.empty()) return fastest(result, reached);
  if (!measured.empty()) return nearest(result, measured);
  return std::nullopt;
}

}  // namespace batchwise
