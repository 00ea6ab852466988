// What a compiled model is trained for: the loss and metrics of every output, and how their sums become logs.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <batchwise/callback.h>
#include <batchwise/dataset.h>
#include <batchwise/model.h>

#include "training/program.h"

namespace batchwise {

// An epoch's sums so far: what running averages are read from.
struct RunningSums {
  double samples = 0;
  double total_loss = 0;              // of batch loss times samples, regularisation included
  std::vector<double> output_losses;  // of each output's batch loss times samples
  std::vector<double> metrics;        // the metrics' states, as in the grains' doubles from the first metric on
};

// Where the sums of one run lie among the doubles that grains add up: per output the weighted loss, then the terms that
// kernels add, then the metrics' states.
class Objectives {
 public:
  // Throws when losses, metrics and targets do not fit the model. `data` may be empty (plans): shapes are then guessed.
  Objectives(const Model& model, const Dataset& data);

  const std::vector<Objective>& outputs() const { return outputs_; }
  int64_t doubles() const { return doubles_; }
  int64_t loss_at(size_t output) const { return static_cast<int64_t>(output); }
  int64_t added_at() const { return static_cast<int64_t>(outputs_.size()); }
  int64_t metric_at(size_t output, size_t metric) const { return metric_at_[output][metric]; }

  // The loss of one output from its sum over `samples` samples whose weights sum to `weight`.
  double output_loss(size_t output, double sum, double samples, double weight) const;
  RunningSums empty_sums() const;
  bool needs_weight_sum() const;  // some loss is divided by the sum of the sample weights
  int64_t elements(size_t output) const { return elements_[output]; }  // loss values per sample

  // Keras's logs, sorted by name. `sums`: an epoch's; losses there are sums over batches of batch loss times samples.
  Logs logs(const RunningSums& sums) const;
  void read(const RunningSums& sums, Logs& logs) const;  // the same into logs made before: does not allocate

 private:
  struct Entry {
    std::string name;
    int output = -1;
    int metric = -1;
  };  // output -1: the total loss; metric -1: a loss
  void name_entries();
  double value(const Entry& entry, const RunningSums& sums) const;

  const std::vector<std::string> output_names_;
  std::vector<Entry> entries_;  // by name
  std::vector<Objective> outputs_;
  std::vector<int64_t> elements_;
  std::vector<std::vector<int64_t>> metric_at_;
  std::vector<std::vector<std::string>> metric_names_;
  int64_t doubles_ = 0;
};

}  // namespace batchwise
