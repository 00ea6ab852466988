// Branches: copies of a model that train on from the same state, each at a batch size and learning rate of its own, to
// be compared at equal samples and at equal time.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include <batchwise/training.h>

namespace batchwise {

class Model;

struct BranchProbeOptions {
  std::vector<int64_t> batch_sizes;
  std::vector<double> learning_rates;  // times the model's own, which is taken to suit `rate_batch_size`
  int64_t rate_batch_size = 32;        // rates of other sizes follow by the rule that suits the optimizer
  int64_t samples = 0;                 // that every branch trains on; whole passes when more than the data set has
  // Every branch then trains on until it took as long as the slowest took for `samples`: the smaller batch may be ahead
  // at equal samples and behind at equal time. Holds the branches of a repeat, each a copy of the model, meanwhile.
  bool equal_time = false;
  int64_t repeats = 1;  // of every branch, in other orders of the samples
  Dataset holdout;      // what losses are compared on; empty: a fixed share of the data
  FitOptions fit;       // memory, lanes, seed, class_weight, ...
};

struct Branch {
  int64_t batch_size = 0;
  double learning_rate = 0;
  int64_t repeat = 0;
  int64_t samples = 0, updates = 0;
  double seconds = 0;                // of training steps
  double loss_before = 0, loss = 0;  // on the holdout; infinite when the branch was lost
  int64_t samples_in_time = 0;       // with equal_time: all that it trained on in BranchProbeResult::equal_seconds
  double loss_in_time = 0;           // on the holdout, then
};

// The batch size at which a sample is worth half of what it is worth in small batches: the improvement at equal samples
// is proportional to 1 / (1 + batch size / critical batch).
struct CriticalBatch {
  double value = 0;
  std::optional<double> low, high;  // 95 %, from repeats
};

struct BranchProbeResult {
  std::vector<Branch> branches;
  double equal_seconds = 0;  // with equal_time: of training steps, of the slowest branch for its samples
  std::optional<CriticalBatch> critical_batch;  // nothing when the branches do not tell
};

// Changes nothing in the model. In the middle of a run: RunControl::with_copy.
BranchProbeResult branch_probe(const Model& model, const Dataset& data, const BranchProbeOptions& options);

}  // namespace batchwise
