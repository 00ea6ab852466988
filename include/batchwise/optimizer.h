// Optimizers: updates of weights from gradients, Keras's formulas in their order; schedules, regularizers, constraints,
// initializers.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/registry.h>
#include <batchwise/shape.h>

namespace batchwise {

// A learning rate as a function of the number of updates made. Pure; float32 results as Keras's.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual std::string_view class_name() const = 0;
  virtual Config config() const = 0;
  virtual double rate(double step) const = 0;
  // Which keys of config() are rates, and which count updates: what a change of batch size must change.
  virtual std::vector<std::string> rate_keys() const { return {}; }
  virtual std::vector<std::string> step_keys() const { return {}; }
};

// What goes with a batch size k times as large, so that training stays the same from sample to sample. Keys of
// config().
struct BatchSizeRule {
  std::string name;                                    // of the learning rate: see rules.h. Empty: none is known
  std::string reason;                                  // half a sentence: "the rule must suit Adam, <reason>"
  std::vector<std::string> decays;                     // of averages: value^k remembers as many samples
  std::vector<std::pair<std::string, double>> powers;  // value * k^power
  std::vector<std::string> counts;                     // of updates: value / k
};

// What an optimizer is told of a weight that learns.
struct LearnedVariable {
  std::string path;  // "dense/kernel"
  Shape shape;
};

// An array that an optimizer keeps beside a variable.
struct SlotSpec {
  std::string name;  // "momentum", "velocity"
  float initial = 0;
  bool from_weights = false;     // begins as a copy of the variable instead
  std::optional<Shape> shape{};  // when it is not the variable's. Kept in Keras's order of elements
};

// Scalars of one update, the same for all variables.
struct UpdateScalars {
  double learning_rate = 0;
  int64_t iteration = 0;  // updates made before this one
  double own[6] = {};     // what Optimizer::begin leaves for update: bias corrections, ...
};

// A run of elements of one variable.
struct UpdateCall {
  int64_t count = 0;
  float* weights = nullptr;
  const float* gradients = nullptr;  // clipped, regularised, of the whole batch
  std::span<float* const> slots;
};

// A whole variable, in Keras's order of elements.
struct VariableCall {
  Shape shape;
  float* weights = nullptr;
  const float* gradients = nullptr;  // clipped, regularised, of the whole batch
  std::span<float* const> slots;
  void* scratch = nullptr;  // Optimizer::scratch bytes
};

// What Keras's Optimizer base class does for every optimizer.
struct OptimizerOptions {
  double learning_rate = 0.001;
  Spec schedule;                                            // replaces learning_rate when not empty
  double weight_decay = 0;                                  // decoupled; 0: none
  double clipnorm = 0, global_clipnorm = 0, clipvalue = 0;  // 0: none; at most one is set
  bool use_ema = false;
  double ema_momentum = 0.99;
  int64_t ema_overwrite_frequency = 0;      // 0: never before the end of fit
  int64_t gradient_accumulation_steps = 0;  // 0: none
  double loss_scale_factor = 0;             // 0: none
};

// Thread-safe: update may run concurrently on different runs of elements.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  virtual std::string_view class_name() const = 0;                                 // Keras's: "Adam"
  virtual Config config() const = 0;                                               // Keras's keys, complete
  virtual std::vector<SlotSpec> slots(const LearnedVariable& variable) const = 0;  // Keras's order; at most 8
  // In files the first so many slots lie interleaved per variable (m, v, m, v, ...); each later slot follows for all
  // variables.
  virtual int interleaved_slots() const { return kAllSlots; }
  // What Keras keeps in files behind the slots and what follows from the number of updates: written, not read.
  struct Number {
    std::string name;
    double value;
  };
  virtual std::vector<Number> numbers(int64_t /*iterations*/) const { return {}; }
  virtual BatchSizeRule batch_size_rule() const { return {}; }
  virtual void begin(UpdateScalars& scalars) const = 0;  // fills `own` from learning_rate and iteration
  virtual void update(const UpdateScalars& scalars, const UpdateCall& call) const = 0;

  // An update that looks at more than one element at a time (norms, rows, products) is made by update_whole, one lane
  // for each variable. Slots are then kept in Keras's order.
  virtual bool is_whole(const LearnedVariable& /*variable*/) const { return false; }
  virtual int64_t scratch(const LearnedVariable& /*variable*/) const { return 0; }  // bytes, of update_whole
  virtual void update_whole(const UpdateScalars& /*scalars*/, const VariableCall& /*call*/) const {}
  virtual double weight_decay(const LearnedVariable& /*variable*/) const { return options_.weight_decay; }

  const OptimizerOptions& options() const { return options_; }
  const Schedule* schedule() const { return schedule_.get(); }

 protected:
  static constexpr int kAllSlots = 1 << 20;
  // Reads Keras's common keys; `defaults` are the optimizer's own (AdamW's weight_decay, Adadelta's rate).
  Optimizer(const Config& config, const OptimizerOptions& defaults, std::string_view name);
  Config base_config() const;

 private:
  OptimizerOptions options_;
  std::string name_;
  std::unique_ptr<Schedule> schedule_;
};

std::unique_ptr<Optimizer> make_optimizer(const Spec& spec);  // class names and Keras's lower-case ones
std::unique_ptr<Schedule> make_schedule(const Spec& spec);

// Penalties on weights: added to the loss, their gradient to the weights' gradients.
class Regularizer {
 public:
  virtual ~Regularizer() = default;
  virtual std::string_view class_name() const = 0;
  virtual Config config() const = 0;
  virtual double value(const float* weights, int64_t count) const = 0;  // of a run of elements; runs add up
  virtual void add_gradient(const float* weights, float* gradient, int64_t count, float scale) const = 0;

  // One that looks at a whole variable at a time is asked these instead, in Keras's order of elements.
  virtual bool is_whole() const { return false; }
  virtual void check(const Shape& /*variable*/) const {}                  // throws when it does not fit
  virtual int64_t scratch(const Shape& /*variable*/) const { return 0; }  // bytes
  virtual double value_of(const Shape& /*variable*/, const float* /*weights*/, void* /*scratch*/) const { return 0; }
  virtual void add_gradient_of(const Shape& /*variable*/, const float* /*weights*/, float* /*gradient*/,
                               void* /*scratch*/) const {}
};
std::unique_ptr<Regularizer> make_regularizer(const Spec& spec);

// What a weight must be after every update. Thread-safe; allocates nothing when it runs.
class Constraint {
 public:
  virtual ~Constraint() = default;
  virtual std::string_view class_name() const = 0;
  virtual Config config() const = 0;
  virtual void check(const Shape& /*variable*/) const {}                // throws when it does not fit
  virtual void apply(const Shape& variable, float* weights) const = 0;  // in Keras's order of elements
};
std::unique_ptr<Constraint> make_constraint(const Spec& spec);

// First values of a weight: a pure function of its address.
class Initializer {
 public:
  virtual ~Initializer() = default;
  virtual std::string_view class_name() const = 0;
  virtual Config config() const = 0;
  virtual void fill(std::span<const int64_t> shape, uint64_t seed, uint64_t key, std::span<float> values) const = 0;
};
std::unique_ptr<Initializer> make_initializer(const Spec& spec);

}  // namespace batchwise
