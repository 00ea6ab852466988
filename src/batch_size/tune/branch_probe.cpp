// Branches of the same state, compared.
#include <batchwise/branch_probe.h>

#include <algorithm>

#include "batch_size/tune/branch.h"
#include "batch_size/tune/critical_batch.h"

namespace batchwise {

BranchProbeResult branch_probe(const Model& model, const Dataset& data, const BranchProbeOptions& options) {
  const char* where = "branch_probe";
  require(!options.batch_sizes.empty(), where, "there must be batch sizes to compare. Got none.");
  for (int64_t size : options.batch_sizes) require(size >= 1, where, "batch sizes must be at least 1. Got ", size, ".");
  for (auto size = options.batch_sizes.begin(); size != options.batch_sizes.end(); ++size)
    require(std::find(options.batch_sizes.begin(), size, *size) == size, where,
            "each batch size must be given once. Got ", *size, " twice.");
  require(options.samples >= *std::max_element(options.batch_sizes.begin(), options.batch_sizes.end()), where,
          "every branch must train on at least one batch. Got ", options.samples, " samples.");
  require(options.repeats >= 1, where, "repeats must be at least 1. Got ", options.repeats, ".");
  std::vector<double> factors = options.learning_rates;
  if (factors.empty()) factors = {1.0};
  HeldOut parts = options.holdout.empty() ? hold_out(data, options.fit, where) : HeldOut{data, options.holdout};
  const double rate = learning_rate_of(model);
  const double before = *find_log(measure(model, parts.holdout, options.fit), "loss");
  BranchProbeResult result;
  for (int64_t repeat = 0; repeat < options.repeats; ++repeat)
    for (int64_t batch_size : options.batch_sizes)
      for (double factor : factors) {
        Model copy = model.copy();
        Branch branch;
        branch.batch_size = batch_size;
        branch.learning_rate = factor * rate_at(model, rate, options.rate_batch_size, batch_size);
        branch.repeat = repeat;
        branch.loss_before = before;
        set_learning_rate(copy, branch.learning_rate);
        const LegResult leg =
            train_on(copy, parts.train,
                     {batch_size, branch.learning_rate, options.samples, static_cast<uint64_t>(repeat), options.fit});
        branch.samples = leg.samples;
        branch.updates = leg.updates;
        branch.seconds = leg.seconds;
        branch.loss = leg.lost ? kLost : *find_log(measure(copy, parts.holdout, options.fit), "loss");
        result.branches.push_back(branch);
      }
  result.critical_batch = critical_batch(result.branches);
  return result;
}

}  // namespace batchwise
