// Sweeps: batch sizes x learning rates x optimizers x seeds, each trained, compared with intervals, explained.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <batchwise/callback.h>
#include <batchwise/config.h>
#include <batchwise/model.h>
#include <batchwise/training.h>

namespace batchwise {

// The mean of a few measurements and the bounds of its 95 % interval by Student's t. One measurement has no bounds.
struct Interval {
  double mean = 0;
  std::optional<double> low, high;
};

// A value that runs are compared by the way to.
struct SweepTarget {
  std::string metric;  // "val_accuracy"; whether more is better follows from the name, as for callbacks
  double value = 0;
  std::string why;  // where it comes from
};

// Where a cell stood at the end of an epoch. Seconds are those of training: validation is not counted.
struct SweepEpoch {
  int64_t epoch = 0;  // counted from 1
  int64_t samples = 0, updates = 0;
  double seconds = 0;
  Logs logs;
};

// One run of a sweep.
struct SweepCell {
  std::string name;  // "adam_b32_lr0.001_seed0"
  std::string optimizer;
  int64_t batch_size = 0;
  double learning_rate = 0;  // at the beginning
  uint64_t seed = 0;
  std::string state = "open";                              // or "done", "stopped", "infeasible", "failed"
  std::string why;                                         // of a state that is neither open nor done
  int64_t peak_bytes = 0, smallest_budget = 0, grain = 0;  // of the plan; 0: not known
  std::vector<SweepEpoch> epochs;
  double samples_per_second = 0;
  Logs trained;                // by the weights at the end, on as many of the samples trained on as are held out
  std::string weights_sha256;  // of a cell that is done: batchwise train with the same settings gives the same
};

// The cells that differ in their seed alone.
struct SweepRow {
  std::string optimizer;
  int64_t batch_size = 0;
  double learning_rate = 0;
  std::string state, why;  // of its cells, when they have the same
  int64_t seeds = 0;       // that were trained
  int64_t reached = 0;     // of them, the target
  std::optional<Interval> seconds_to_target, samples_to_target, updates_to_target;  // when all reached it
  std::optional<Interval> best;   // the target's metric at its best epoch
  std::optional<Interval> train;  // the same metric on samples trained on, by the weights at the end
  std::optional<Interval> gap;    // train less the metric on those held out, by the same weights
};

// Updates against samples to the target: (updates / least_updates - 1) (samples / least_samples - 1) = 1. Batches below
// the critical one cost updates and hardly save samples, batches above it the other way round.
struct TradeOffCurve {
  std::string optimizer;
  std::string why;  // not empty: it cannot be told, and why
  double least_updates = 0, least_samples = 0, critical_batch = 0;
  std::optional<double> low, high;  // of the critical batch: 95 %, by leaving out one seed after the other
};

struct SweepChoice {
  std::string optimizer;
  int64_t batch_size = 0;
  double learning_rate = 0;
};

struct SweepRecommendation {
  SweepChoice choice;
  std::vector<std::string> reasons;
  std::optional<SweepChoice> runner_up;
  std::string costs;  // of taking the runner-up
  std::string sure;
};

struct SweepResult {
  std::vector<SweepCell> cells;
  std::optional<SweepTarget> target;
  std::vector<SweepRow> rows;
  std::vector<TradeOffCurve> curves;  // one for each optimizer, of its best learning rate at every batch size
  std::optional<SweepRecommendation> recommendation;
  std::vector<std::string> notes;  // what a reader must know: "val_loss was not measured"
};

struct SweepOptions {
  std::vector<int64_t> batch_sizes;
  std::vector<Spec> optimizers;        // empty: the model's own
  std::vector<double> learning_rates;  // empty: the optimizer's own
  std::vector<uint64_t> seeds = {0};
  std::string rule = "auto";  // optimizers are meant for the first batch size, and change by this rule: see rules.h
  FitOptions fit;             // what every cell is trained with. Its batch size and seed are not looked at
  int64_t samples = 0;        // stop every cell after so many; 0: only by epochs
  std::optional<SweepTarget> target;  // otherwise the value that three of four batch sizes reach with every seed
  bool halving = false;   // after 1/2^n, ..., 1/4, 1/2 of the epochs stop the worse half of the rows of each batch size
  double seconds = 0;     // of training, all cells together, after which none is begun; 0: no bound
  std::string directory;  // where the sweep is kept, and goes on after it was cut off. Empty: nowhere
  Config settings;        // kept in sweep.json and compared when it goes on; null: those of the options
  // Called before a cell is trained, and after; once when its state is no longer open. Position counts from 0.
  std::function<void(const SweepCell& cell, size_t position, size_t count)> on_cell;
  // More callbacks for a cell. They do not see epochs that were trained before a sweep was cut off.
  std::function<std::vector<std::shared_ptr<Callback>>(const SweepCell& cell)> callbacks;
};

// A model without weights gets new ones by the seed; one with weights starts every cell from them. A cell that does not
// fit the budget, or whose numbers are no longer finite, says so in its state; the others go on. Any other failure ends
// the sweep, which goes on from its directory. Cells train one after another.
SweepResult sweep(const Model& model, const Dataset& data, const SweepOptions& options);

// The table of rows, the curves and the recommendation.
std::string sweep_table(const SweepResult& result);
std::ostream& operator<<(std::ostream& out, const SweepResult& result);

}  // namespace batchwise
