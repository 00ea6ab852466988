// What a compiled model is trained for: the loss and metrics of every output, and how their sums become logs.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include <batchwise/callback.h>
#include <batchwise/dataset.h>
#include <batchwise/model.h>

#include "training/program/program.h"

namespace batchwise {

// An epoch's sums so far: what running averages are read from.
struct RunningSums {
  double samples = 0;
  double total_loss = 0;              // of batch loss times samples, regularisation included
  std::vector<double> output_losses;  // of each output's batch loss times samples
  std::vector<double> metrics;        // the metrics' states, as in the grains' doubles from the first metric on
};

// Told of the sums so far.
using SumsSeen = std::function<void(const RunningSums&)>;

// The outputs that have a loss or metrics: data may leave out the targets of the others. All of a model that is not
// compiled.
std::vector<size_t> asked_outputs(const Model& model);
// Throws unless there is a target for each output, or for each that is asked.
void check_targets(const Model& model, const Dataset& data);

// Where the sums of one run lie among the doubles that grains add up: per output the weighted loss and what it is
// divided by, then the terms that kernels add, then the metrics' states.
class Objectives {
 public:
  // Throws when losses, metrics and targets do not fit the model. `data` may be empty (plans): shapes are then guessed.
  Objectives(const Model& model, const Dataset& data);

  const std::vector<Objective>& outputs() const { return outputs_; }
  int64_t doubles() const { return doubles_; }
  int64_t loss_at(size_t output) const { return 2 * static_cast<int64_t>(output); }
  int64_t divisor_at(size_t output) const { return loss_at(output) + 1; }
  int64_t added_at() const { return loss_at(outputs_.size()); }
  int64_t metric_at(size_t output, size_t metric) const { return metric_at_[output][metric]; }

  // Throws unless sample weights are one per sample, or one for each loss value of it.
  void check_weights(const Dataset& data) const;
  // Throws unless the targets of `data` are what those of training are, which say how they are read.
  void check_validation(const Dataset& data) const;
  // The loss of one output from the sums of a batch.
  double output_loss(size_t output, const double* doubles) const;
  RunningSums empty_sums() const;
  // Some loss is not the mean over samples of a value of each: where batches begin and end matters to it.
  bool by_batch() const;
  void output_has_mask(size_t output) { masked_[output] = 1; }

  // Keras's logs, sorted by name. `sums`: an epoch's; losses there are sums over batches of batch loss times samples.
  Logs logs(const RunningSums& sums) const;
  void read(const RunningSums& sums, Logs& logs) const;  // the same into logs made before: does not allocate

 private:
  struct Entry {
    std::string name;
    int output = -1;
    int metric = -1;
    int result = 0;  // of the metric's
  };                 // output -1: the total loss; metric -1: a loss
  void add_output(const Model& model, const CompileOptions& options, size_t output, const Dataset& data);
  void name_entries();
  double value(const Entry& entry, const RunningSums& sums) const;

  const std::vector<std::string> output_names_;
  std::vector<Shape> predictions_;
  std::vector<Entry> entries_;  // by name
  std::vector<Objective> outputs_;
  std::vector<char> masked_;  // per output
  std::vector<std::vector<int64_t>> metric_at_;
  int64_t doubles_ = 0;
  int targets_ = 0;                      // of the data
  mutable std::vector<double> results_;  // of one metric. One thread reads logs
};

}  // namespace batchwise
