// Lion: steps of one size, in the direction of the sign of the momentum.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/lion.cpp"
#include <cmath>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "training/optimizers/bias_correction.h"
#include "training/optimizers/elements-inl.h"
#include "training/optimizers/keras_arguments.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise {
namespace HWY_NAMESPACE {
namespace {

struct SignStep {
  float *w, *m;
  const float* g;
  float rate, beta_1, part_1, beta_2, part_2;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i), momentum = hn::LoadU(d, m + i);
    const auto direction = Blend(d, momentum, beta_1, gradient, part_1);
    const auto length = hn::Set(d, rate), zero = hn::Zero(d);
    const auto step =
        hn::IfThenElse(hn::Gt(direction, zero), length,
                       hn::IfThenElse(hn::Lt(direction, zero), hn::Neg(length), direction));  // 0 and NaN stay
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), step), d, w + i);
    hn::StoreU(Blend(d, momentum, beta_2, gradient, part_2), d, m + i);
  }
};

}  // namespace

void LionRun(const UpdateCall& call, float rate, float beta_1, float part_1, float beta_2, float part_2) {
  ForElements(call.count, SignStep{call.weights, call.slots[0], call.gradients, rate, beta_1, part_1, beta_2, part_2});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
HWY_EXPORT(LionRun);
namespace {

constexpr const char* kClass = "Lion";
class LionOptimizer : public Optimizer {
 public:
  explicit LionOptimizer(const Config& config)
      : Optimizer(config, {}, "lion"),
        beta_1_(read_decay(config, "beta_1", 0.9, kClass)),
        beta_2_(read_decay(config, "beta_2", 0.99, kClass)) {
    require_optimizer_keys(config, kClass, {"beta_1", "beta_2"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("beta_1", beta_1_);
    config.set("beta_2", beta_2_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override { return {{"momentum"}}; }
  // Which way a sign points is the gradient over its noise, a square root of the batch size (Compagnoni et al., 2024).
  // The betas stay: they say how much of a sign is the newest gradient.
  BatchSizeRule batch_size_rule() const override { return {"square_root", kStepsOfOneLength, {}, {}, {}}; }
  void begin(UpdateScalars&) const override {}
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    HWY_DYNAMIC_DISPATCH(LionRun)
    (call, static_cast<float>(scalars.learning_rate), static_cast<float>(beta_1_), static_cast<float>(1 - beta_1_),
     static_cast<float>(beta_2_), static_cast<float>(1 - beta_2_));
  }

 private:
  double beta_1_, beta_2_;
};

const Register<Optimizer, LionOptimizer> registered{kClass, {"lion"}};

}  // namespace

Spec Lion(const LionOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"beta_1", options.beta_1}, {"beta_2", options.beta_2}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
