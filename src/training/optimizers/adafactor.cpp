// Adafactor: squared gradients kept as means of rows and columns, steps as long as the variable is.
#include <algorithm>
#include <cmath>

#include "training/optimizers/keras_arguments.h"
#include "training/optimizers/norm.h"

#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "Adafactor";

// A variable as matrices over its last two axes.
struct Matrices {
  int64_t count = 1, rows = 1, columns = 1;
  explicit Matrices(const Shape& shape) : rows(shape[-2]), columns(shape[-1]) {
    count = shape.count() / (rows * columns);
  }
};

class AdafactorOptimizer : public Optimizer {
 public:
  explicit AdafactorOptimizer(const Config& config)
      : Optimizer(config, {}, "adafactor"),
        decay_(config.get("beta_2_decay", -0.8)),
        epsilon_1_(config.get("epsilon_1", 1e-30)),
        epsilon_2_(config.get("epsilon_2", 1e-3)),
        clip_(config.get("clip_threshold", 1.0)),
        relative_(config.get("relative_step", true)) {
    require_optimizer_keys(config, kClass,
                           {"beta_2_decay", "epsilon_1", "epsilon_2", "clip_threshold", "relative_step"});
    require(epsilon_1_ >= 0 && epsilon_2_ >= 0, kClass, "epsilon_1 and epsilon_2 must not be negative. Got ",
            epsilon_1_, " and ", epsilon_2_, ".");
    require(clip_ > 0, kClass, "clip_threshold must be positive. Got ", clip_, ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("beta_2_decay", decay_);
    config.set("epsilon_1", epsilon_1_);
    config.set("epsilon_2", epsilon_2_);
    config.set("clip_threshold", clip_);
    config.set("relative_step", relative_);
    return config;
  }
  // Variables without rows have numbers in their place, which are never used: Keras's files hold them.
  std::vector<SlotSpec> slots(const LearnedVariable& variable) const override {
    const Shape& shape = variable.shape;
    SlotSpec rows{.name = "r", .shape = Shape{}}, columns{.name = "c", .shape = Shape{}};
    if (shape.rank() >= 2) {
      std::vector<int64_t> dims(shape.begin(), shape.end() - 1);
      rows.shape = Shape(std::span<const int64_t>(dims));
      dims.back() = shape.back();
      columns.shape = Shape(std::span<const int64_t>(dims));
    }
    return {rows, columns, {"velocity"}};
  }

  // Left for updates: the bound of the relative step, and how much of the means stays.
  // The relative step and the decay of the squares follow from the number of updates by themselves.
  BatchSizeRule batch_size_rule() const override { return {"square_root", kNoisyScale, {}, {{"epsilon_1", -1}}, {}}; }
  void begin(UpdateScalars& scalars) const override {
    const float step = static_cast<float>(scalars.iteration + 1), root = 1 / std::sqrt(step);
    float rate = static_cast<float>(scalars.learning_rate);
    if (!schedule() && relative_) rate = std::min(rate, root);
    scalars.own[0] = std::min(rate, root);
    scalars.own[1] = 1 - std::pow(step, static_cast<float>(decay_));
  }
  void update(const UpdateScalars&, const UpdateCall&) const override {}  // every variable is whole
  bool is_whole(const LearnedVariable&) const override { return true; }
  int64_t scratch(const LearnedVariable& variable) const override {  // sums of columns
    return variable.shape.rank() < 2 ? 0 : variable.shape.back() * 8;
  }

  void update_whole(const UpdateScalars& scalars, const VariableCall& call) const override {
    const int64_t count = call.shape.count();
    const float keep = static_cast<float>(scalars.own[1]);
    float* v = call.slots[2];
    if (call.shape.rank() < 2) {
      const float part = 1 - keep, epsilon = static_cast<float>(epsilon_1_);
      for (int64_t i = 0; i < count; ++i) v[i] = keep * v[i] + part * (call.gradients[i] * call.gradients[i] + epsilon);
    } else {
      const Matrices all(call.shape);
      for (int64_t k = 0; k < all.count; ++k) factor(call, all, k, keep);
    }
    double squares[8] = {};
    for (int64_t i = 0; i < count; ++i) {
      const double step = call.gradients[i] / std::sqrt(v[i]);
      squares[i & 7] += step * step;
    }
    double square = 0;
    for (const double part : squares) square += part;
    const float rms = static_cast<float>(std::sqrt(square / static_cast<double>(count)));
    const float alpha = std::max(static_cast<float>(epsilon_2_), root_mean_square(call.weights, count)) *
                        static_cast<float>(scalars.own[0]);
    const float shrink = std::max(1.0f, rms / static_cast<float>(clip_));
    for (int64_t i = 0; i < count; ++i) call.weights[i] -= alpha * (call.gradients[i] / std::sqrt(v[i]) / shrink);
  }

 private:
  void factor(const VariableCall& call, const Matrices& all, int64_t matrix, float keep) const {
    const float* g = call.gradients + matrix * all.rows * all.columns;
    float *r = call.slots[0] + matrix * all.rows, *c = call.slots[1] + matrix * all.columns,
          *v = call.slots[2] + matrix * all.rows * all.columns;
    double* sums = static_cast<double*>(call.scratch);
    std::fill_n(sums, all.columns, 0.0);
    double rows_sum = 0;
    for (int64_t i = 0; i < all.rows; ++i) {
      const float* line = g + i * all.columns;
      for (int64_t j = 0; j < all.columns; ++j) sums[j] += static_cast<double>(line[j]) * static_cast<double>(line[j]);
      const float mean =
          static_cast<float>(sum_of_squares(line, all.columns) / static_cast<double>(all.columns) + epsilon_1_);
      r[i] = keep * r[i] + (1 - keep) * mean;
      rows_sum += r[i];
    }
    for (int64_t j = 0; j < all.columns; ++j) {
      const float mean = static_cast<float>(sums[j] / static_cast<double>(all.rows) + epsilon_1_);
      c[j] = keep * c[j] + (1 - keep) * mean;
    }
    const float mean = static_cast<float>(rows_sum / static_cast<double>(all.rows));
    for (int64_t i = 0; i < all.rows; ++i) {
      const float share = r[i] / mean;
      for (int64_t j = 0; j < all.columns; ++j) v[i * all.columns + j] = share * c[j];
    }
  }

  double decay_, epsilon_1_, epsilon_2_, clip_;
  bool relative_;
};

const Register<Optimizer, AdafactorOptimizer> registered{
    kClass,
    {"adafactor"},
    {Config(Config::Object{}), Config::object({{"relative_step", false}, {"clip_threshold", 0.5}})}};

}  // namespace

Spec Adafactor(const AdafactorOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"beta_2_decay", options.beta_2_decay},
                         {"epsilon_1", options.epsilon_1},
                         {"epsilon_2", options.epsilon_2},
                         {"clip_threshold", options.clip_threshold},
                         {"relative_step", options.relative_step}});
}

}  // namespace batchwise
