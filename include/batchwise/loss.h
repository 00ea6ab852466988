// Losses: one value per element, and its gradient; the engine does the weighting and the reduction.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <batchwise/config.h>
#include <batchwise/registry.h>
#include <batchwise/shape.h>

namespace batchwise {

enum class Reduction { SumOverBatchSize, Sum, MeanWithSampleWeight, Mean, None };
Reduction reduction_named(std::string_view name);  // Keras's words; throws on others
std::string_view name_of(Reduction reduction);

// The activation that made the predictions, where a loss has a more exact form on what went into it.
enum class Head { None, Softmax, Sigmoid };

// One grain. Arrays are row-major float32; integer labels come as whole float numbers.
struct LossCall {
  int64_t rows = 0;                      // valid samples
  Shape target_shape, prediction_shape;  // of one sample
  const float* targets = nullptr;
  const float* predictions = nullptr;  // what the model outputs
  const float* logits = nullptr;       // what went into the head; null unless the loss was fused with it
  const float* factors =
      nullptr;                // per element of value_shape: what its gradient is multiplied by. Null when gradient is
  float* values = nullptr;    // out: per element of value_shape
  float* gradient = nullptr;  // out: with respect to predictions, or to logits when fused. Null: not wanted
  const int64_t* samples = nullptr;  // the number of each row in the data, for messages; null: unknown
};

// Thread-safe: compute is const, keeps nothing, allocates nothing.
class Loss {
 public:
  virtual ~Loss() = default;
  virtual std::string_view class_name() const = 0;  // Keras's: "Huber"
  virtual Config config() const = 0;                // Keras's keys: name, reduction, own ones
  // Shape of the values of one sample: usually the prediction's without its last axis. Throws when the shapes do not
  // fit.
  virtual Shape value_shape(const Shape& target, const Shape& prediction) const = 0;
  virtual Head fuses_with() const { return Head::None; }  // the head with which `logits` are wanted
  // Throws an Error for a target that breaks the rule (a label out of range).
  virtual void compute(const LossCall& call) const = 0;

  Reduction reduction() const { return reduction_; }

 protected:
  explicit Loss(const Config& config);                      // reads "reduction"
  Config base_config(std::string_view default_name) const;  // name and reduction

 private:
  Reduction reduction_ = Reduction::SumOverBatchSize;
  std::string name_;
};

std::unique_ptr<Loss> make_loss(const Spec& spec);  // class names, "mse", "sparse_categorical_crossentropy", ...

}  // namespace batchwise
