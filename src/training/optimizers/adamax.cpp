// Adamax: Adam with the largest recent gradient in place of the second moment.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/adamax.cpp"
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

struct Largest {
  float *w, *m, *u;
  const float* g;
  float rate, correction, part_1, beta_2, epsilon;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i);
    const auto first = Towards(d, hn::LoadU(d, m + i), gradient, part_1);
    const auto norm = hn::Max(hn::Mul(hn::Set(d, beta_2), hn::LoadU(d, u + i)), hn::Abs(gradient));
    hn::StoreU(first, d, m + i);
    hn::StoreU(norm, d, u + i);
    const auto step =
        hn::Div(hn::Mul(hn::Set(d, rate), first), hn::Mul(hn::Set(d, correction), hn::Add(norm, hn::Set(d, epsilon))));
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), step), d, w + i);
  }
};

}  // namespace

void AdamaxRun(const UpdateCall& call, float rate, float correction, float part_1, float beta_2, float epsilon) {
  ForElements(call.count, Largest{call.weights, call.slots[0], call.slots[1], call.gradients, rate, correction, part_1,
                                  beta_2, epsilon});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
HWY_EXPORT(AdamaxRun);
namespace {

constexpr const char* kClass = "Adamax";
class AdamaxOptimizer : public Optimizer {
 public:
  explicit AdamaxOptimizer(const Config& config)
      : Optimizer(config, {}, "adamax"),
        beta_1_(read_decay(config, "beta_1", 0.9, kClass)),
        beta_2_(read_decay(config, "beta_2", 0.999, kClass)),
        epsilon_(read_epsilon(config, kClass)) {
    require_optimizer_keys(config, kClass, {"beta_1", "beta_2", "epsilon"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("beta_1", beta_1_);
    config.set("beta_2", beta_2_);
    config.set("epsilon", epsilon_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override { return {{"momentum"}, {"norm"}}; }
  // As Adam's, but for beta_2: a largest of as many draws is what the noise is compared with.
  BatchSizeRule batch_size_rule() const override {
    return {"square_root", kNoisyScale, {"beta_1"}, {{"epsilon", -0.5}}, {}};
  }
  void begin(UpdateScalars& scalars) const override {
    scalars.own[0] = bias_correction(beta_1_, scalars.iteration + 1);
  }
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    HWY_DYNAMIC_DISPATCH(AdamaxRun)
    (call, static_cast<float>(scalars.learning_rate), static_cast<float>(scalars.own[0]),
     static_cast<float>(1 - beta_1_), static_cast<float>(beta_2_), applied_epsilon(epsilon_));
  }

 private:
  double beta_1_, beta_2_, epsilon_;
};

const Register<Optimizer, AdamaxOptimizer> registered{kClass, {"adamax"}};

}  // namespace

Spec Adamax(const AdamaxOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"beta_1", options.beta_1}, {"beta_2", options.beta_2}, {"epsilon", options.epsilon}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
