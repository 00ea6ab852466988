// Optimizers: elementwise updates of weights from gradients, Keras's formulas to the bit of their order.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/registry.h>

namespace batchwise {

// A learning rate as a function of the number of updates made. Pure; float32 results as Keras's.
class Schedule {
 public:
  virtual ~Schedule() = default;
  virtual std::string_view class_name() const = 0;
  virtual Config config() const = 0;
  virtual double rate(double step) const = 0;
};

struct SlotSpec {
  std::string name;  // "momentum", "velocity"
  float initial = 0;
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
  virtual std::string_view class_name() const = 0;  // Keras's: "Adam"
  virtual Config config() const = 0;                // Keras's keys, complete
  virtual std::vector<SlotSpec> slots() const = 0;  // per variable, Keras's order
  // In files the first so many slots lie interleaved per variable (m, v, m, v, ...); each later slot follows for all
  // variables.
  virtual int interleaved_slots() const { return static_cast<int>(slots().size()); }
  virtual void begin(UpdateScalars& scalars) const = 0;  // fills `own` from learning_rate and iteration
  virtual void update(const UpdateScalars& scalars, const UpdateCall& call) const = 0;

  const OptimizerOptions& options() const { return options_; }
  const Schedule* schedule() const { return schedule_.get(); }

 protected:
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
};
std::unique_ptr<Regularizer> make_regularizer(const Spec& spec);

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
