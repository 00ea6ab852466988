// Losses on how much targets and predictions overlap: functions of the sums of both and of their product.
#pragma once

#include <optional>
#include <vector>

#include "training/losses/batch_axes.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>

namespace batchwise {

// What is added up over the axes of one value.
struct Overlap {
  double both = 0, targets = 0, predictions = 0;
};
// A value, and its derivatives by the sums in which the predictions are.
struct OverlapValue {
  double value = 0, by_both = 0, by_predictions = 0;
};

// State of a batch, where the axes hold it: per value three sums, in the first grain's place once combined.
class OverlapLoss : public Loss {
 public:
  Shape value_shape(const Shape& target, const Shape& prediction) const override;
  bool spans_batch(const Shape& target, const Shape& prediction) const override;
  int64_t statistics(const Shape& target, const Shape& prediction, int64_t grain) const override;
  void measure(const LossCall& call) const override;
  double combine(std::span<double> statistics, std::span<const int64_t> rows, const Shape& prediction) const override;
  void compute(const LossCall& call) const override;

 protected:
  OverlapLoss(const Config& config, const char* where);
  const std::optional<std::vector<int64_t>>& axes() const { return axes_; }

 private:
  virtual OverlapValue value_of(const Overlap& sums) const = 0;
  BatchAxes view(const Shape& target, const Shape& prediction) const;
  const char* where_;
  std::optional<std::vector<int64_t>> axes_;
};

}  // namespace batchwise
