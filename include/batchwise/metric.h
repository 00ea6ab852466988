// Metrics: sums over samples from which a result is read at any time.
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
  const float* weights = nullptr;  // one per sample; null: all ones
  double* state = nullptr;         // added to
};

// State is added up over grains, blocks and batches, so results do not depend on how samples were grouped.
// Thread-safe: update and result are const, keep nothing, allocate nothing.
class Metric {
 public:
  virtual ~Metric() = default;
  virtual std::string_view class_name() const = 0;  // Keras's: "SparseCategoricalAccuracy"
  virtual std::string name() const = 0;             // in logs: "sparse_categorical_accuracy", or as given
  virtual Config config() const = 0;
  virtual void check(const Shape& target, const Shape& prediction) const = 0;  // throws when the shapes do not fit
  virtual int state_size() const = 0;
  virtual void update(const MetricCall& call) const = 0;
  virtual double result(const double* state) const = 0;  // Keras's value for an empty state too
};

// "accuracy" and "crossentropy" become the class that fits the shapes, named as given; other names as registered.
std::unique_ptr<Metric> make_metric(const Spec& spec, const Shape& target, const Shape& prediction);

}  // namespace batchwise
