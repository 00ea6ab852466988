// What happens at an output of the model for one grain: the loss and its gradient, the metrics, or the prediction's way
// out.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "training/execution/feed.h"
#include "training/program/objective.h"

namespace batchwise {

// What an output is, besides what it is trained for.
struct OutputFacts {
  int output = 0;
  int64_t grain = 1;
  bool training = false;
  bool fused = false;  // the loss is computed on what went into the head
  Shape prediction;    // of one sample
  Shape mask;          // of one sample, where there is one
  bool masked = false;
};

class OutputTask {
 public:
  // `objective` may have no loss and no metrics: then nothing but `predictions` is done. Throws when a mask does not
  // fit.
  OutputTask(const Objective& objective, OutputFacts facts);

  int64_t scratch_bytes(const Dataset& data) const;
  int64_t target_bytes() const;  // of a grain; 0: it has none
  // What must be known of the whole batch before a gradient can be made: what the gradient is divided by, where that is
  // not the number of samples, and what the loss measures itself.
  int64_t statistics() const { return own_statistics_ + loss_statistics_; }  // doubles per grain; 0: nothing
  bool measures_prediction() const { return loss_statistics_ > 0; }

  // The statistics of all grains, `capacity` of them at most.
  struct Statistics {
    double* memory = nullptr;
    int64_t capacity = 0;
    std::span<const int64_t> rows;  // valid samples of every grain
  };
  struct Call {
    const BatchRange* batch = nullptr;
    const Feed* feed = nullptr;
    double samples = 1;  // of the update: what a mean is divided by
    const std::map<int64_t, double>* class_weight = nullptr;
    std::span<const int64_t> rows;  // storage rows of the whole grain
    int64_t valid = 0;
    int64_t grain = 0;  // which
    const float* prediction = nullptr;
    const float* logits = nullptr;
    const unsigned char* mask = nullptr;  // one byte per position; 0: it does not count
    float* gradient = nullptr;            // of the logits when fused, else of the prediction. Null: not wanted
    std::byte* scratch = nullptr;
    Statistics statistics;
    double* loss = nullptr;            // added to: weighted, not yet divided
    double* divisor = nullptr;         // added to: this grain's share of what the batch's loss is divided by
    std::span<double* const> metrics;  // states, added to
  };
  void measure(const Call& call) const;
  void combine(const Statistics& statistics) const;  // of all grains, before any runs
  void run(const Call& call) const;

 private:
  struct Scratch {
    float *targets, *weights, *counts, *factors, *values;
    std::byte *staging, *loss;
  };
  // How much the values of a grain weigh.
  struct Weighting {
    const float* weights = nullptr;  // per_row for each sample; null: all 1
    int64_t per_row = 1;
    const float* counts = nullptr;  // per value, 0 where it is left out; null: all 1
    double of(int64_t row, int64_t value, int64_t values) const;
  };
  Scratch split(std::byte* memory) const;
  Weighting weighting(const Call& call, const Scratch& scratch) const;
  void fetch_weights(const Call& call, const Scratch& scratch, Weighting& weighting) const;
  LossCall loss_call(const Call& call, const Scratch& scratch) const;
  double share_of_divisor(const Call& call, const Weighting& weighting) const;
  void run_loss(const Call& call, const Scratch& scratch, const Weighting& weighting) const;
  void run_metrics(const Call& call, const Scratch& scratch, const Weighting& weighting) const;
  bool leaves_values_out() const { return facts_.masked || objective_.loss->leaves_out(); }
  bool is_mean() const;

  const Objective& objective_;
  const OutputFacts facts_;
  const int64_t elements_;  // loss values of a sample; of the batch where the loss spans it
  bool spans_batch_ = false;
  int64_t own_statistics_ = 0, loss_statistics_ = 0;
};

}  // namespace batchwise
