// Builders of Keras's optimizers, learning-rate schedules, regularizers, constraints and initializers:
// bw::Adam({.learning_rate = 1e-3f}).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <batchwise/config.h>

namespace batchwise {

// What every optimizer takes besides its own arguments: {.learning_rate = 0.1f, .common = {.clipnorm = 1.0f}}. Keras's
// defaults.
struct CommonOptimizerOptions {
  std::optional<float> weight_decay;  // decoupled: w -= w * weight_decay * learning_rate before the step
  std::optional<float> clipnorm, global_clipnorm, clipvalue;  // at most one
  bool use_ema = false;
  float ema_momentum = 0.99f;
  std::optional<int64_t> ema_overwrite_frequency;
  std::optional<float> loss_scale_factor;
  std::optional<int64_t> gradient_accumulation_steps;
  std::string name;  // empty: Keras's
};

// In each of these, `schedule` (bw::CosineDecay({...})) replaces `learning_rate` when it is given.
struct SGDOptions {
  float learning_rate = 0.01f;
  Spec schedule;
  float momentum = 0;
  bool nesterov = false;
  CommonOptimizerOptions common;
};
struct AdamOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-7f;
  bool amsgrad = false;
  CommonOptimizerOptions common;
};
struct AdamWOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float weight_decay = 0.004f;
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-7f;
  bool amsgrad = false;
  CommonOptimizerOptions common;  // its weight_decay, when given, is the one that counts
};
struct RMSpropOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float rho = 0.9f, momentum = 0, epsilon = 1e-7f;
  bool centered = false;
  CommonOptimizerOptions common;
};
struct AdagradOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float initial_accumulator_value = 0.1f, epsilon = 1e-7f;
  CommonOptimizerOptions common;
};
struct AdadeltaOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float rho = 0.95f, epsilon = 1e-7f;
  CommonOptimizerOptions common;
};
struct AdamaxOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-7f;
  CommonOptimizerOptions common;
};
struct NadamOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-7f;
  CommonOptimizerOptions common;
};
struct LionOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float beta_1 = 0.9f, beta_2 = 0.99f;
  CommonOptimizerOptions common;
};
struct FtrlOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float learning_rate_power = -0.5f, initial_accumulator_value = 0.1f;
  float l1_regularization_strength = 0, l2_regularization_strength = 0, l2_shrinkage_regularization_strength = 0,
        beta = 0;
  CommonOptimizerOptions common;
};
struct LambOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-7f;
  CommonOptimizerOptions common;
};
struct AdafactorOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float beta_2_decay = -0.8f;
  double epsilon_1 = 1e-30, epsilon_2 = 1e-3;
  float clip_threshold = 1;
  bool relative_step = true;  // at most 1 / sqrt(step), unless there is a schedule
  CommonOptimizerOptions common;
};
// Matrices that are not excluded; all other variables learn with AdamW.
struct MuonOptions {
  float learning_rate = 0.001f;
  Spec schedule;
  float weight_decay = 0.004f;
  float adam_beta_1 = 0.9f, adam_beta_2 = 0.999f, adam_weight_decay = 0.004f, epsilon = 1e-7f, adam_lr_ratio = 1;
  std::vector<std::string> exclude_layers;  // regular expressions looked for in paths such as "dense/kernel"
  bool exclude_embeddings = true;
  float momentum = 0.95f;
  int64_t ns_steps = 5;
  bool nesterov = true;
  std::optional<float> rms_rate = 0.2f;
  CommonOptimizerOptions common;  // its weight_decay, when given, is the one that counts
};
struct ScheduleFreeAdamWOptions {
  float learning_rate = 0.0025f;
  Spec schedule;
  float beta_1 = 0.9f, beta_2 = 0.999f, epsilon = 1e-8f;
  int64_t warmup_steps = 0;
  CommonOptimizerOptions common;
};

Spec SGD(const SGDOptions& options = {});
Spec Adam(const AdamOptions& options = {});
Spec AdamW(const AdamWOptions& options = {});
Spec RMSprop(const RMSpropOptions& options = {});
Spec Adagrad(const AdagradOptions& options = {});
Spec Adadelta(const AdadeltaOptions& options = {});
Spec Adamax(const AdamaxOptions& options = {});
Spec Nadam(const NadamOptions& options = {});
Spec Lion(const LionOptions& options = {});
Spec Ftrl(const FtrlOptions& options = {});
Spec Lamb(const LambOptions& options = {});
Spec Adafactor(const AdafactorOptions& options = {});
Spec Muon(const MuonOptions& options = {});
Spec ScheduleFreeAdamW(const ScheduleFreeAdamWOptions& options = {});

struct ExponentialDecayOptions {
  float initial_learning_rate = 0.1f;
  int64_t decay_steps = 1;
  float decay_rate = 1;
  bool staircase = false;
};
struct CosineDecayOptions {
  float initial_learning_rate = 0.1f;
  int64_t decay_steps = 1;  // after the warm-up
  float alpha = 0;          // the least rate as a fraction of the greatest
  std::optional<float> warmup_target;
  int64_t warmup_steps = 0;
};
struct CosineDecayRestartsOptions {
  float initial_learning_rate = 0.1f;
  int64_t first_decay_steps = 1;
  float t_mul = 2, m_mul = 1, alpha = 0;
};
struct PiecewiseConstantDecayOptions {
  std::vector<int64_t> boundaries;  // values[i] holds up to and including step boundaries[i]
  std::vector<float> values;        // one more than boundaries
};
struct PolynomialDecayOptions {
  float initial_learning_rate = 0.1f;
  int64_t decay_steps = 1;
  float end_learning_rate = 0.0001f, power = 1;
  bool cycle = false;
};
struct InverseTimeDecayOptions {
  float initial_learning_rate = 0.1f;
  int64_t decay_steps = 1;
  float decay_rate = 1;
  bool staircase = false;
};

Spec ExponentialDecay(const ExponentialDecayOptions& options);
Spec CosineDecay(const CosineDecayOptions& options);
Spec CosineDecayRestarts(const CosineDecayRestartsOptions& options);
Spec PiecewiseConstantDecay(const PiecewiseConstantDecayOptions& options);
Spec PolynomialDecay(const PolynomialDecayOptions& options);
Spec InverseTimeDecay(const InverseTimeDecayOptions& options);

namespace regularizers {
Spec L1(float l1 = 0.01f);
Spec L2(float l2 = 0.01f);
Spec L1L2(float l1 = 0, float l2 = 0);
// Of matrices: rows (or columns) are drawn apart until they stand at right angles.
Spec OrthogonalRegularizer(float factor = 0.01f, const std::string& mode = "rows");
}  // namespace regularizers

// What weights are brought to after every update. `axis`: over which norms are taken, as in Keras: 0 for a dense
// kernel's units, {0, 1, 2} for the filters of a Conv2D.
namespace constraints {
struct MinMaxNormOptions {
  float min_value = 0, max_value = 1, rate = 1;
  std::vector<int64_t> axis = {0};
};
Spec MaxNorm(float max_value = 2, const std::vector<int64_t>& axis = {0});
Spec NonNeg();
Spec UnitNorm(const std::vector<int64_t>& axis = {0});
Spec MinMaxNorm(const MinMaxNormOptions& options = {});
}  // namespace constraints

namespace initializers {
struct RangeOptions {
  float minval = -0.05f, maxval = 0.05f;
  std::optional<int64_t> seed;
};
struct NormalOptions {
  float mean = 0, stddev = 0.05f;
  std::optional<int64_t> seed;
};
struct SeedOptions {
  std::optional<int64_t> seed;
};
struct VarianceScalingOptions {
  float scale = 1;
  std::string mode = "fan_in";                    // "fan_out", "fan_avg"
  std::string distribution = "truncated_normal";  // "untruncated_normal", "uniform"
  std::optional<int64_t> seed;
};
struct STFTOptions {
  std::string side = "real";                         // or "imag"
  std::string window = "hann", scaling = "density";  // scaling: or "spectrum"; empty: none
  bool periodic = false;
};
struct OrthogonalOptions {
  float gain = 1;
  std::optional<int64_t> seed;
};

Spec Zeros();
Spec Ones();
Spec Constant(float value);
Spec Identity(float gain = 1);
Spec RandomUniform(const RangeOptions& options = {});
Spec RandomNormal(const NormalOptions& options = {});
Spec TruncatedNormal(const NormalOptions& options = {});
Spec VarianceScaling(const VarianceScalingOptions& options = {});
Spec GlorotUniform(const SeedOptions& options = {});
Spec GlorotNormal(const SeedOptions& options = {});
Spec HeUniform(const SeedOptions& options = {});
Spec HeNormal(const SeedOptions& options = {});
Spec LecunUniform(const SeedOptions& options = {});
Spec LecunNormal(const SeedOptions& options = {});
Spec Orthogonal(const OrthogonalOptions& options = {});
Spec STFT(const STFTOptions& options = {});
}  // namespace initializers

}  // namespace batchwise
