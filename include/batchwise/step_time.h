// How long a training step will take, from measured kernels.
#pragma once

#include <cstdint>
#include <vector>

#include <batchwise/plan.h>

namespace batchwise {

class Model;

struct StepTime {
  int64_t batch_size = 0;
  double seconds = 0;  // of one update, its samples in memory
  double reading =
      0;  // seconds of one core that reads or makes its samples from where they lie: besides, for each step
  double samples_per_second() const { return seconds > 0 ? static_cast<double>(batch_size) / seconds : 0; }
  bool measured = false;  // at this size; else extended from fewer grains of the same size
};

// Trains copies of the model for about `seconds` per grain size, within the budget of `options`; its batch_size is
// ignored. The model must be compiled. Throws BudgetError for a size that does not fit.
std::vector<StepTime> predict_step_times(const Model& model, const std::vector<int64_t>& batch_sizes,
                                         const PlanOptions& options = {}, double seconds = 0.3);

}  // namespace batchwise
