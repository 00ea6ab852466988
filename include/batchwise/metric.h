// Metrics: sums over samples from which results are read at any time.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <batchwise/config.h>
#include <batchwise/registry.h>
#include <batchwise/shape.h>

namespace batchwise {

struct MetricCall {
  int64_t rows = 0;
  Shape target_shape, prediction_shape;  // of one sample
  const float* targets = nullptr;
  const float* predictions = nullptr;
  const float* weights = nullptr;  // weights_per_row for each row; null: all ones
  double* state = nullptr;         // added to
  int64_t weights_per_row = 1;     // more: one for each position of a sample (a time step), masks multiplied in
};

// State is added up over grains, blocks and batches, so results do not depend on how samples were grouped.
// Thread-safe: update and read are const, keep nothing, allocate nothing.
class Metric {
 public:
  virtual ~Metric() = default;
  virtual std::string_view class_name() const = 0;  // Keras's: "SparseCategoricalAccuracy"
  virtual std::string name() const = 0;             // in logs: "sparse_categorical_accuracy", or as given
  virtual Config config() const = 0;
  virtual void check(const Shape& target, const Shape& prediction) const = 0;  // throws when the shapes do not fit
  // As in Keras, metrics that are means of a function's values leave out what the output's mask hides; others do not.
  virtual bool takes_mask() const { return false; }
  virtual int64_t state_size(const Shape& prediction) const = 0;            // doubles
  virtual int64_t results(const Shape& /*prediction*/) const { return 1; }  // numbers that the metric gives
  virtual void update(const MetricCall& call) const = 0;
  // `results`: Keras's values, for an empty state too.
  virtual void read(const double* state, const Shape& prediction, double* results) const = 0;
};

// "accuracy" and "crossentropy" become the class that fits the shapes, named as given; other names as registered.
std::unique_ptr<Metric> make_metric(const Spec& spec, const Shape& target, const Shape& prediction);

}  // namespace batchwise
