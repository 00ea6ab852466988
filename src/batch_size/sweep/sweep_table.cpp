// A sweep as text: the table of rows, notes, curves, recommendation.
#include <cmath>
#include <cstdio>

#include <batchwise/byte_size.h>
#include <batchwise/sweep.h>

#include "base/number_text.h"
#include "model/text_table.h"

namespace batchwise {
namespace {

std::string number(double value, int digits) {
  if (std::fabs(value) >= std::pow(10, digits) - 0.5 && std::fabs(value) < 1e15)
    return grouped_digits(std::llround(value));
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return text;
}

// "0.951 +- 0.004": the half of the interval.
std::string shown(const std::optional<Interval>& interval, int digits = 3) {
  if (!interval) return "-";
  if (!interval->high) return number(interval->mean, digits);
  const double half = *interval->high - interval->mean;
  return number(interval->mean, digits) + " +- " + (half >= 100 ? grouped_digits(std::llround(half)) : number(half, 2));
}

std::string state_of(const SweepRow& row, int64_t peak_bytes) {
  if (row.state != "done" && !row.state.empty()) return row.state;
  return peak_bytes > 0 ? show_byte_size(peak_bytes) : "";
}

void add(std::string& text, const std::string& line) { text += line + "\n"; }

std::string words(const SweepChoice& choice) {
  return "batch size " + std::to_string(choice.batch_size) + ", " + choice.optimizer + ", learning rate " +
         number(choice.learning_rate, 4);
}

}  // namespace

std::string sweep_table(const SweepResult& result) {
  const std::string metric = result.target ? result.target->metric : "metric";
  std::string text;
  if (result.target)
    add(text, "Target: " + metric + " " + number(result.target->value, 6) +
                  (result.target->why.empty() ? "" : ", " + result.target->why) + ".");
  std::vector<std::vector<std::string>> lines;
  for (const SweepRow& row : result.rows) {
    int64_t peak = 0;
    for (const SweepCell& cell : result.cells)
      if (cell.optimizer == row.optimizer && cell.batch_size == row.batch_size) peak = cell.peak_bytes;
    lines.push_back({row.optimizer, std::to_string(row.batch_size), number(row.learning_rate, 4),
                     std::to_string(row.reached) + "/" + std::to_string(row.seeds), shown(row.seconds_to_target),
                     shown(row.samples_to_target), shown(row.updates_to_target), shown(row.best, 4), shown(row.gap, 2),
                     state_of(row, peak)});
  }
  text += draw_table({{"optimizer", 10},
                      {"batch", 6, true},
                      {"rate", 8, true},
                      {"reached", 7, true},
                      {"seconds", 16, true},
                      {"samples", 18, true},
                      {"updates", 16, true},
                      {"best", 18, true},
                      {"gap", 17, true},
                      {"memory", 10, true}},
                     lines);
  for (const SweepRow& row : result.rows)
    if (!row.why.empty())
      add(text, row.optimizer + " with batch size " + std::to_string(row.batch_size) + " and learning rate " +
                    number(row.learning_rate, 4) + ": " + row.why);
  for (const std::string& note : result.notes) add(text, "Note: " + note + ".");
  for (const TradeOffCurve& curve : result.curves) {
    if (!curve.why.empty()) {
      add(text, "Critical batch size of " + curve.optimizer + ": cannot be told, " + curve.why + ".");
      continue;
    }
    std::string line = "Critical batch size of " + curve.optimizer + ": " + number(curve.critical_batch, 3);
    if (curve.low) line += " (" + number(*curve.low, 3) + " to " + number(*curve.high, 3) + ")";
    add(text, line + "; at least " + number(curve.least_updates, 3) + " updates and " + number(curve.least_samples, 3) +
                  " samples to the target.");
  }
  if (!result.recommendation) return text;
  const SweepRecommendation& made = *result.recommendation;
  add(text, "Recommended: " + words(made.choice) + ".");
  for (const std::string& reason : made.reasons) add(text, "  - " + reason + ".");
  if (made.runner_up) add(text, "  Runner-up: " + words(*made.runner_up) + ": " + made.costs + ".");
  if (!made.sure.empty()) add(text, "  How sure: " + made.sure + ".");
  return text;
}

std::ostream& operator<<(std::ostream& out, const SweepResult& result) { return out << sweep_table(result); }

}  // namespace batchwise
