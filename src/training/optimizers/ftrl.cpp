// Ftrl: follow the regularised leader, for sparse linear models.
#include <algorithm>
#include <cmath>

#include "training/optimizers/keras_arguments.h"

namespace batchwise {
namespace {

constexpr const char* kClass = "Ftrl";

class FtrlOptimizer : public Optimizer {
 public:
  explicit FtrlOptimizer(const Config& config)
      : Optimizer(config, {}, "ftrl"),
        power_(config.get("learning_rate_power", -0.5)),
        initial_(config.get("initial_accumulator_value", 0.1)),
        l1_(config.get("l1_regularization_strength", 0.0)),
        l2_(config.get("l2_regularization_strength", 0.0)),
        shrinkage_(config.get("l2_shrinkage_regularization_strength", 0.0)),
        beta_(config.get("beta", 0.0)) {
    require_optimizer_keys(config, kClass,
                           {"learning_rate_power", "initial_accumulator_value", "l1_regularization_strength",
                            "l2_regularization_strength", "l2_shrinkage_regularization_strength", "beta"});
    require(power_ <= 0, kClass, "learning_rate_power must not be positive. Got ", power_, ".");
    const double least = std::min({initial_, l1_, l2_, shrinkage_});
    require(least >= 0, kClass, "the initial accumulator and the strengths must not be negative. Got ", least, ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("learning_rate_power", power_);
    config.set("initial_accumulator_value", initial_);
    config.set("l1_regularization_strength", l1_);
    config.set("l2_regularization_strength", l2_);
    config.set("l2_shrinkage_regularization_strength", shrinkage_);
    config.set("beta", beta_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override {
    return {{"accumulator", static_cast<float>(initial_)}, {"linear"}};
  }
  // As Adagrad's: of n samples the sum of squares falls as 1 / B^2 and the linear part as 1 / B.
  BatchSizeRule batch_size_rule() const override {
    if (power_ != -0.5) return {};
    return {"constant",
            kNoisySum,
            {},
            {{"initial_accumulator_value", -2},
             {"l1_regularization_strength", -1},
             {"l2_regularization_strength", -1},
             {"beta", -1}},
            {}};
  }
  void begin(UpdateScalars&) const override {}
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    const float rate = static_cast<float>(scalars.learning_rate), l1 = static_cast<float>(l1_),
                shrinkage = static_cast<float>(2 * shrinkage_);
    const float l2 = static_cast<float>(l2_ + beta_ / (2 * scalars.learning_rate));
    float *accumulator = call.slots[0], *linear = call.slots[1];
    for (int64_t i = 0; i < call.count; ++i) {
      const float g = call.gradients[i], w = call.weights[i], sum = accumulator[i] + g * g;
      const float root = raised(sum);
      linear[i] += g + shrinkage * w - (root - raised(accumulator[i])) / rate * w;
      // Where nothing pulls, the weight is 0 even if nothing was ever added up (0 / 0): filled-up places of a layout.
      const float pull = std::clamp(linear[i], -l1, l1) - linear[i];
      call.weights[i] = pull == 0 ? 0 : pull / (root / rate + 2 * l2);
      accumulator[i] = sum;
    }
  }

 private:
  float raised(float x) const { return power_ == -0.5 ? std::sqrt(x) : std::pow(x, static_cast<float>(-power_)); }

  double power_, initial_, l1_, l2_, shrinkage_, beta_;
};

const Register<Optimizer, FtrlOptimizer> registered{
    kClass, {"ftrl"}, {Config(Config::Object{}), Config::object({{"l1_regularization_strength", 0.1}})}};

}  // namespace

Spec Ftrl(const FtrlOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"learning_rate_power", options.learning_rate_power},
                         {"initial_accumulator_value", options.initial_accumulator_value},
                         {"l1_regularization_strength", options.l1_regularization_strength},
                         {"l2_regularization_strength", options.l2_regularization_strength},
                         {"l2_shrinkage_regularization_strength", options.l2_shrinkage_regularization_strength},
                         {"beta", options.beta}});
}

}  // namespace batchwise
