// Losses: one value per element, and its gradient; the engine does the weighting and the reduction.
#pragma once

#include <memory>
#include <span>
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
  void* scratch = nullptr;           // Loss::scratch bytes
  // Of losses with statistics over the batch:
  const float* weights = nullptr;    // measure: one per sample; null: all ones
  double* statistics = nullptr;      // measure: of this grain, out
  std::span<const double> batch;     // compute: the statistics of all grains in order, as combine left them
  std::span<const int64_t> rows_of;  // compute: the valid samples of all grains
  int64_t grain = 0;                 // compute: which of the grains this is
  double factor_per_weight = 1;      // compute: what a sample of weight 1 has for its factor
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
  virtual int64_t scratch(const Shape& /*target*/, const Shape& /*prediction*/) const { return 0; }  // bytes

  // A loss that leaves values out of means (ignored labels) says so, and writes 0 to `counts` where one is left out;
  // its `counts` come filled.
  virtual bool leaves_out() const { return false; }
  virtual void leave_out(const LossCall& /*call*/, float* /*counts*/) const {}

  // A loss that couples the samples of a batch looks at all of them before any is computed: every grain is measured,
  // the doubles of all are combined, then every grain is computed. `grain`: the most samples of one.
  virtual int64_t statistics(const Shape& /*target*/, const Shape& /*prediction*/, int64_t /*grain*/) const {
    return 0;  // doubles per grain; 0: no sample of the batch matters to another
  }
  // True: value_shape is that of the one set of values which the whole batch has; there are none per sample, compute
  // writes that set for every grain, and `factors` are those of the set.
  virtual bool spans_batch(const Shape& /*target*/, const Shape& /*prediction*/) const { return false; }
  virtual void measure(const LossCall& /*call*/) const {}
  // `statistics`: of all grains in order, to be changed into what compute reads; rows: their samples. Gives how many
  // values of the batch count towards a mean.
  virtual double combine(std::span<double> /*statistics*/, std::span<const int64_t> /*rows*/,
                         const Shape& /*prediction*/) const {
    return 0;
  }

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
