// Metrics that are the weighted mean over samples of a value of each sample.
#pragma once

#include "training/metrics/named_metric.h"

namespace batchwise {

// State: the weighted sum of values, and the sum of weights.
class MeanMetric : public NamedMetric {
 public:
  int state_size() const override { return 2; }
  double result(const double* state) const override { return state[1] == 0 ? 0 : state[0] / state[1]; }

 protected:
  using NamedMetric::NamedMetric;
};

// Maths: one sample at a time. Derived defines double sample(const MetricCall&, const float* target, const float*
// prediction).
template <class Derived>
class SampleMetric : public MeanMetric {
 public:
  void update(const MetricCall& call) const override {
    const int64_t targets = call.target_shape.count(), predictions = call.prediction_shape.count();
    for (int64_t row = 0; row < call.rows; ++row) {
      const double weight = call.weights ? call.weights[row] : 1.0;
      const double value = static_cast<const Derived*>(this)->sample(call, call.targets + row * targets,
                                                                     call.predictions + row * predictions);
      if (weight != 0) call.state[0] += weight * value;
      call.state[1] += weight;
    }
  }

 protected:
  using MeanMetric::MeanMetric;
};

}  // namespace batchwise
