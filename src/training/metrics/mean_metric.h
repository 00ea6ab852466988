// Metrics that are the weighted mean of a value of each line of the predictions.
#pragma once

#include "training/metrics/named_metric.h"

namespace batchwise {

// State: the weighted sum of the samples' values, and of their weights.
class MeanMetric : public NumberMetric {
 public:
  bool takes_mask() const override { return true; }
  int64_t state_size() const override { return 2; }
  double result(const double* state) const override { return state[1] == 0 ? 0 : state[0] / state[1]; }

 protected:
  using NumberMetric::NumberMetric;

  // A sample's share of the state: the means over its lines of weight times value, and of the weight. A value of weight
  // 0 may be anything. value(line): of a line of the sample.
  template <class Value>
  static void add_sample(const MetricCall& call, int64_t row, int64_t lines, const Value& value) {
    double sum = 0, weights = 0;
    for (int64_t line = 0; line < lines; ++line) {
      const double weight = weight_at(call, row, line, lines);
      const double here = value(line);
      if (weight != 0) sum += weight * here;
      weights += weight;
    }
    call.state[0] += sum / static_cast<double>(lines);
    call.state[1] += weights / static_cast<double>(lines);
  }
};

// Maths: Derived defines int64_t lines(const MetricCall&) and double line(const float* target, int64_t target_size,
// const float* prediction, int64_t prediction_size) for one of them.
template <class Derived>
class LineMetric : public MeanMetric {
 public:
  void update(const MetricCall& call) const override {
    const Derived& own = static_cast<const Derived&>(*this);
    const int64_t lines = own.lines(call);
    const int64_t targets = call.target_shape.count() / lines, predictions = call.prediction_shape.count() / lines;
    for (int64_t row = 0; row < call.rows; ++row)
      add_sample(call, row, lines, [&](int64_t line) {
        return own.line(call.targets + (row * lines + line) * targets, targets,
                        call.predictions + (row * lines + line) * predictions, predictions);
      });
  }

 protected:
  using MeanMetric::MeanMetric;
};

}  // namespace batchwise
