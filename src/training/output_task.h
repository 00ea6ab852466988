// What happens at an output of the model for one grain: the loss and its gradient, the metrics, or the prediction's way
// out.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "training/feed.h"
#include "training/objective.h"

namespace batchwise {

// What the gradients of a step are divided by.
struct StepScale {
  double samples = 1;                   // of the update
  std::span<const double> weight_sums;  // per output: of the sample weights. Empty unless a loss needs it
};

class OutputTask {
 public:
  // `objective` may have no loss and no metrics: then nothing but `predictions` is done.
  OutputTask(const Objective& objective, int64_t elements, bool fused, const Shape& prediction, int output,
             int64_t grain);

  int64_t scratch_bytes(const Dataset& data) const;

  struct Call {
    const BatchRange* batch = nullptr;
    const Feed* feed = nullptr;
    const StepScale* scale = nullptr;
    const std::map<int64_t, double>* class_weight = nullptr;
    std::span<const int64_t> rows;  // storage rows of the whole grain
    int64_t valid = 0;
    const float* prediction = nullptr;
    const float* logits = nullptr;
    float* gradient = nullptr;  // of the logits when fused, else of the prediction. Null: not wanted
    std::byte* scratch = nullptr;
    double* loss = nullptr;            // added to: weighted, not yet divided
    std::span<double* const> metrics;  // states, added to
  };
  void run(const Call& call) const;
  // The sum of the sample weights of `rows` (class weights included).
  double weight_sum(const Call& call) const;

 private:
  struct Scratch {
    float *targets, *weights, *factors, *values;
    std::byte* staging;
  };
  Scratch split(std::byte* memory) const;
  bool fetch_weights(const Call& call, const Scratch& scratch) const;

  const Objective& objective_;
  const int64_t elements_;
  const bool fused_;
  const Shape prediction_;
  const int output_;
  const int64_t grain_;
};

}  // namespace batchwise
