// What a tune recommends.
#include "batch_size/tune/advice.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <set>

#include <batchwise/byte_size.h>

#include "base/number_text.h"
#include "batch_size/tune/race.h"
#include "batch_size/tune/standings.h"

namespace batchwise {
namespace {

constexpr double kClearly = 0.02;      // of the better score
constexpr double kClearlyAlone = 0.1;  // the same without repeats

std::string of(const TuneBranch& branch) {
  return "batch size " + std::to_string(branch.batch_size) + " at learning rate " +
         rounded_number(branch.learning_rate);
}

std::string at_equal(TuneGoal goal) {
  return goal == TuneGoal::Fastest ? "in the same time" : "after the same samples";
}

std::string value_to_reach(const TuneOptions& options) { return options.metric + " " + rounded_number(*options.reach); }

std::string amount(double way, TuneGoal goal) {
  return goal == TuneGoal::Fastest ? rounded_number(way) + " s of training"
                                   : grouped_digits(static_cast<int64_t>(std::llround(way))) + " samples";
}

double apart(const Standing& best, const Standing& second) {
  return best.way && second.way ? *second.way - *best.way : std::abs(second.score - best.score);
}

// Of the better one's way or score. Where both are nearly nothing, their ratio says nothing.
double share_apart(const Standing& best, const Standing& second) {
  return apart(best, second) / std::max(std::abs(best.way ? *best.way : best.score), 1e-6);
}

std::string how_far_behind(const Standing& second, const Standing& best, const TuneOptions& options) {
  const double share = share_apart(best, second);
  char by[32] = "far";
  if (share < 10) std::snprintf(by, sizeof by, "%.1f %%", 100 * share);
  if (share < 5e-4) std::snprintf(by, sizeof by, "less than 0.1 %%");
  if (!best.way)
    return "reached " + options.metric + " " + rounded_number(second.score) + " " + at_equal(options.goal) + ", " + by +
           " worse";
  if (second.way) return "came there after " + amount(*second.way, options.goal) + ", " + by + " later";
  return "had " + options.metric + " " + rounded_number(second.score) + " after " +
         amount(spent(second.branch, options.goal), options.goal);
}

std::string how_sure(const Standing& best, const Standing& second) {
  const bool repeated = best.repeats > 1 && second.repeats > 1;
  if (best.way && !second.way)
    return best.repeats > 1 ? "clear: no other pair had come there for twice as much"
                            : "likely: no other pair had come there for twice as much, but there was no time for "
                              "repeats with other orders";
  const double spread = std::max(best.most - best.least, second.most - second.least);
  if (apart(best, second) <= 2 * spread || share_apart(best, second) <= (repeated ? kClearly : kClearlyAlone))
    return "close: another order of the samples may put the runner-up first";
  return repeated
             ? "clear: the two best are further apart than repeats with other orders of the samples"
             : "likely: the two best are more than 10 % apart, but there was no time for repeats with other orders";
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
  advice.reasons.push_back("of " + std::to_string(racers.size()) + " pairs of batch size and learning rate it " +
                           (best.way ? "came to " + value_to_reach(options) +
                                           " first, on samples not trained on: after " + amount(*best.way, options.goal)
                                     : "had the best " + options.metric + " on samples not trained on, " +
                                           rounded_number(best.score) + ", " + at_equal(options.goal)));
  if (options.reach && !best.way)
    advice.reasons.push_back("none came to " + value_to_reach(options) + ": give more time, or a value nearer");
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

void advise(TuneResult& result, const TuneOptions& options, int64_t rows) {
  const std::vector<Standing> all = standings(result, options);
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
  if (options.reach && !best.way) {
    result.advice.sure = "not at all: who comes first to the value is not known before one does";
    return;
  }
  if (all.size() < 2 || std::isinf(all[1].score)) {
    result.advice.sure = all.size() < 2 ? "clear: no other pair came as far" : "clear: every other pair was lost";
    return;
  }
  const Standing& second = all[1];
  result.advice.sure = how_sure(best, second);
  Advice runner_up;
  runner_up.batch_size = second.branch.batch_size;
  runner_up.learning_rate = second.branch.learning_rate;
  runner_up.schedule = schedule_for(result, second.branch.batch_size, rows);
  runner_up.reasons.push_back(of(second.branch) + " " + how_far_behind(second, best, options));
  result.runner_up = runner_up;
}

}  // namespace batchwise
