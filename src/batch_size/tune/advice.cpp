// What a tune recommends.
#include "batch_size/tune/advice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include <batchwise/byte_size.h>
#include <batchwise/callbacks.h>

#include "base/number_text.h"
#include "batch_size/tune/race.h"

namespace batchwise {
namespace {

constexpr double kClearly = 0.02;      // of the better score
constexpr double kClearlyAlone = 0.1;  // the same without repeats

std::string of(const TuneBranch& branch) {
  return "batch size " + std::to_string(branch.batch_size) + " at learning rate " +
         rounded_number(branch.learning_rate);
}

// A racer's last round: the mean of its repeats. How far they are apart is told by that round alone: what they had
// reached before, they have in common.
struct Standing {
  TuneBranch branch;
  double score = 0, least = 0, most = 0;
  int repeats = 0;
};

std::vector<Standing> standings(const TuneResult& result, const std::string& metric) {
  int64_t last = 0;
  for (const TuneBranch& branch : result.branches) last = std::max(last, branch.round);
  std::vector<Standing> all;
  for (const TuneBranch& branch : result.branches) {
    if (branch.round != last) continue;
    auto same = std::find_if(all.begin(), all.end(), [&](const Standing& s) {
      return s.branch.batch_size == branch.batch_size && s.branch.learning_rate == branch.learning_rate;
    });
    if (same == all.end()) same = all.insert(all.end(), {branch, 0, branch.leg_score, branch.leg_score, 0});
    same->score += branch.score;
    same->least = std::min(same->least, branch.leg_score);
    same->most = std::max(same->most, branch.leg_score);
    if (!same->branch.noise_scale) same->branch.noise_scale = branch.noise_scale;
    ++same->repeats;
  }
  for (Standing& standing : all) standing.score /= standing.repeats;
  std::stable_sort(all.begin(), all.end(),
                   [&](const Standing& a, const Standing& b) { return better_score(metric, a.score, b.score); });
  return all;
}

std::string at_equal(TuneGoal goal) {
  return goal == TuneGoal::Fastest ? "in the same time" : "after the same samples";
}

const TuneSpeed* speed_of(const TuneResult& result, int64_t batch_size) {
  for (const TuneSpeed& speed : result.speeds)
    if (speed.batch_size == batch_size) return &speed;
  return nullptr;
}

// Beyond the sizes that were tried, the curve says no more than that.
std::string worth_of_samples(const TuneResult& result) {
  if (!result.critical_batch) return "";
  double smallest = std::numeric_limits<double>::infinity(), largest = 0;
  for (const TuneSpeed& speed : result.speeds)
    if (speed.samples_per_second > 0) {
      smallest = std::min(smallest, static_cast<double>(speed.batch_size));
      largest = std::max(largest, static_cast<double>(speed.batch_size));
    }
  const CriticalBatch& critical = *result.critical_batch;
  if (critical.value > largest) return "samples are worth more than half as much at every batch size that was tried";
  if (critical.value < smallest) return "samples are worth less than half as much at every batch size that was tried";
  std::string text = "samples are worth half as much at batch size " + rounded_number(critical.value);
  if (critical.low && critical.high)
    text += " (" + rounded_number(*critical.low) + " to " + rounded_number(*critical.high) + ")";
  return text;
}

void add_reasons(Advice& advice, const TuneResult& result, const Standing& best, const TuneOptions& options) {
  std::set<std::pair<int64_t, double>> racers;
  for (const TuneBranch& branch : result.branches) racers.emplace(branch.batch_size, branch.learning_rate);
  advice.reasons.push_back("of " + std::to_string(racers.size()) +
                           " pairs of batch size and learning rate it had the best " + options.metric +
                           " on samples not trained on, " + rounded_number(best.score) + ", " + at_equal(options.goal));
  const TuneSpeed* own = speed_of(result, advice.batch_size);
  const TuneSpeed* fastest = nullptr;
  for (const TuneSpeed& speed : result.speeds)
    if (!fastest || speed.samples_per_second > fastest->samples_per_second) fastest = &speed;
  if (own && fastest && fastest->samples_per_second > 0)
    advice.reasons.push_back(rounded_number(own->samples_per_second) + " samples/s; the most is " +
                             rounded_number(fastest->samples_per_second) + ", at batch size " +
                             std::to_string(fastest->batch_size));
  if (own) advice.reasons.push_back("it takes " + show_byte_size(own->peak_bytes));
  if (result.rate_highest > 0)
    advice.reasons.push_back("in the range test at batch size " + std::to_string(result.rate_batch_size) +
                             " the loss fell up to a learning rate of " + rounded_number(result.rate_highest));
  if (const std::string worth = worth_of_samples(result); !worth.empty()) advice.reasons.push_back(worth);
  if (result.noise_scale)
    advice.reasons.push_back("the noise scale of the gradient is " + rounded_number(result.noise_scale->value) +
                             " samples (" + rounded_number(result.noise_scale->low) + " to " +
                             rounded_number(result.noise_scale->high) + ")");
  for (const TuneSpeed& speed : result.speeds)
    if (!speed.fits) {
      advice.reasons.push_back("batch size " + std::to_string(speed.batch_size) +
                               " and more do not fit the budget: " + show_byte_size(speed.peak_bytes) + " would");
      break;
    }
  for (const TuneSpeed& speed : result.speeds)
    if (speed.fits && speed.samples_per_second == 0) {
      advice.reasons.push_back("batch size " + std::to_string(speed.batch_size) +
                               " and more were not tried: a step takes more than a hundredth of the time");
      break;
    }
}

// Growth as far as the noise scale, the data and the budget go; "constant" where that is no further than now.
std::string schedule_for(const TuneResult& result, int64_t batch_size, int64_t rows) {
  if (!result.noise_scale || result.noise_scale->low <= 2 * static_cast<double>(batch_size)) return "constant";
  double most = result.noise_scale->value;
  if (rows > 0) most = std::min(most, static_cast<double>(rows));
  for (const TuneSpeed& speed : result.speeds)
    if (!speed.fits) most = std::min(most, static_cast<double>(speed.batch_size) / 2);
  const int64_t to =
      batch_size * static_cast<int64_t>(std::exp2(std::floor(std::log2(most / static_cast<double>(batch_size)))));
  if (to <= batch_size) return "constant";
  return "let the batch size grow with the noise scale: --grow-batch noise --grow-to " + std::to_string(to);
}

}  // namespace

bool better_score(const std::string& metric, double score, double than) {
  if (std::isnan(score) || std::isnan(than)) return !std::isnan(score);
  const bool lost = std::isinf(score), other_lost = std::isinf(than);  // of either direction
  if (lost || other_lost) return !lost && other_lost;
  return Monitor(metric, "auto", 0, "tune").better(score, than);
}

void advise(TuneResult& result, const TuneOptions& options, int64_t rows) {
  const std::vector<Standing> all = standings(result, options.metric);
  const Standing& best = all.front();
  result.advice = {};
  result.advice.batch_size = best.branch.batch_size;
  result.advice.learning_rate = best.branch.learning_rate;
  result.noise_scale = best.branch.noise_scale;
  result.advice.schedule = schedule_for(result, best.branch.batch_size, rows);
  add_reasons(result.advice, result, best, options);
  result.runner_up.reset();
  const int64_t tried = std::count_if(result.branches.begin(), result.branches.end(),
                                      [](const TuneBranch& branch) { return branch.round == 1 && branch.repeat == 0; });
  const int64_t pairs =
      kRatesOfASize * std::count_if(result.speeds.begin(), result.speeds.end(),
                                    [](const TuneSpeed& speed) { return speed.samples_per_second > 0; });
  if (tried < pairs) {
    result.advice.sure = "not at all: there was time for " + std::to_string(tried) + " of " + std::to_string(pairs) +
                         " pairs only, the smaller batch sizes first. Give more";
    return;
  }
  if (all.size() < 2 || std::isinf(all[1].score)) {
    result.advice.sure = all.size() < 2 ? "clear: no other pair came as far" : "clear: every other pair was lost";
    return;
  }
  const Standing& second = all[1];
  const double apart = std::abs(second.score - best.score);
  // Where both are nearly nothing, their ratio says nothing.
  const double share = apart / std::max(std::abs(best.score), 1e-6);
  const double spread = std::max(best.most - best.least, second.most - second.least);
  const bool repeated = best.repeats > 1 && second.repeats > 1;
  const bool clear = apart > 2 * spread && share > (repeated ? kClearly : kClearlyAlone);
  result.advice.sure =
      !clear     ? "close: another order of the samples may put the runner-up first"
      : repeated ? "clear: the two best are further apart than repeats with other orders of the samples"
                 : "likely: the two best are more than 10 % apart, but there was no time for repeats with other orders";
  Advice runner_up;
  runner_up.batch_size = second.branch.batch_size;
  runner_up.learning_rate = second.branch.learning_rate;
  runner_up.schedule = schedule_for(result, second.branch.batch_size, rows);
  char text[200], by[32] = "far";
  if (share < 10) std::snprintf(by, sizeof by, "%.1f %%", 100 * share);
  std::snprintf(text, sizeof text, "%s reached %s %s, %s worse %s", of(second.branch).c_str(), options.metric.c_str(),
                rounded_number(second.score).c_str(), by, at_equal(options.goal).c_str());
  runner_up.reasons.emplace_back(text);
  result.runner_up = runner_up;
}

}  // namespace batchwise
