// tune: which batch size and learning rate to train with, found by measurement.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/branch_probe.h>
#include <batchwise/training.h>

namespace batchwise {

enum class TuneGoal {
  Fastest,  // the lowest loss at equal time, or first at a value to reach
  Samples,  // the lowest loss at equal samples, or the fewest of them to a value to reach
  Best,     // the best metric after `samples` samples
};
TuneGoal tune_goal(const std::string& name);  // "fastest", "samples", "best"; throws naming them
const char* name_of(TuneGoal goal);

struct TuneSpeed {
  int64_t batch_size = 0;
  int64_t peak_bytes = 0;
  bool fits = true;
  double samples_per_second = 0;  // 0: not tried, for it does not fit or a step takes too much of the time
};

struct RatePoint {
  double rate = 0, loss = 0;
};

struct TuneBranch : Branch {
  int64_t round = 0;
  double score = 0;      // of the metric, the best so far
  double leg_score = 0;  // the best of this round alone
  bool kept = false;
  std::optional<double> way;              // to the value to reach: seconds of training, or samples, as the goal counts
  std::optional<NoiseScale> noise_scale;  // at its end
};

struct TuneOptions {
  TuneGoal goal = TuneGoal::Fastest;
  std::vector<int64_t> batch_sizes;  // empty: powers of two that the data and the budget allow
  double seconds = 0;                // it may take. 0: as long as the samples take
  int64_t samples = 0;          // it may train on, all branches together; for Best: that one training has. 0: chosen
  std::string metric = "loss";  // on the holdout
  std::optional<double> reach;  // a value of the metric: who comes there first wins. Not for Best
  FitOptions fit;               // memory, lanes, seed, validation: the holdout is the validation data, when given
  std::string directory;        // keeps tune.json and the branches, to go on after a kill; empty: nothing is kept
  bool resume = false;
  std::function<void(const std::string&)> on_message;
  std::function<void(const TuneBranch&)> on_branch;  // after each leg
};

struct Advice {
  int64_t batch_size = 0;
  double learning_rate = 0;
  std::string schedule;  // in words
  std::vector<std::string> reasons;
  std::string sure;  // how sure
};

struct TuneResult {
  int64_t look_every = 0;  // of the samples held out, so many-th were compared on; 0: not known yet
  std::vector<TuneSpeed> speeds;
  int64_t rate_batch_size = 0;
  std::vector<RatePoint> rates;
  double rate_chosen = 0, rate_highest = 0;
  std::optional<NoiseScale> noise_scale;
  std::vector<TuneBranch> branches;
  std::optional<CriticalBatch> critical_batch;
  Advice advice;
  std::optional<Advice> runner_up;
  double seconds = 0;
  int64_t samples = 0;  // that were trained on
};

// Trains copies; changes nothing in the model, which must be compiled. Throws BudgetError when no batch size fits.
TuneResult tune(const Model& model, const Dataset& data, const TuneOptions& options = {});

}  // namespace batchwise
