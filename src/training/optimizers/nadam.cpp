// Nadam: Adam with Nesterov momentum.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/nadam.cpp"
#include <algorithm>
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

struct LookingAhead {
  float *w, *m, *v;
  const float* g;
  float rate, part_1, part_2, epsilon, next, next_correction, now, now_correction, second_correction;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i);
    const auto first = Towards(d, hn::LoadU(d, m + i), gradient, part_1);
    const auto second = Towards(d, hn::LoadU(d, v + i), hn::Mul(gradient, gradient), part_2);
    hn::StoreU(first, d, m + i);
    hn::StoreU(second, d, v + i);
    const auto ahead = hn::Add(hn::Div(hn::Mul(hn::Set(d, next), first), hn::Set(d, next_correction)),
                               hn::Div(hn::Mul(hn::Set(d, now), gradient), hn::Set(d, now_correction)));
    const auto scale = hn::Div(second, hn::Set(d, second_correction));
    const auto step = hn::Div(hn::Mul(ahead, hn::Set(d, rate)), hn::Add(hn::Sqrt(scale), hn::Set(d, epsilon)));
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), step), d, w + i);
  }
};

}  // namespace

void NadamRun(const UpdateCall& call, const UpdateScalars& scalars, float part_1, float part_2, float epsilon) {
  const auto own = [&](int k) { return static_cast<float>(scalars.own[k]); };
  ForElements(call.count, LookingAhead{call.weights, call.slots[0], call.slots[1], call.gradients,
                                       static_cast<float>(scalars.learning_rate), part_1, part_2, epsilon, own(0),
                                       own(1), own(2), own(3), own(4)});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
HWY_EXPORT(NadamRun);
namespace {

constexpr const char* kClass = "Nadam";
// The momentum of update t is beta_1 (1 - 0.96^t / 2); Keras keeps the product of all so far in a variable, here it is
// computed anew: after kSettled updates the momentum is beta_1 in float32.
constexpr int64_t kSettled = 450;
double momentum_product(double beta_1, int64_t updates) {
  double product = 1, power = 1;
  for (int64_t t = 1; t <= std::min(updates, kSettled); ++t) {
    power *= 0.96;
    product *= beta_1 * (1 - 0.5 * power);
  }
  return updates <= kSettled ? product : product * std::pow(beta_1, static_cast<double>(updates - kSettled));
}

class NadamOptimizer : public Optimizer {
 public:
  explicit NadamOptimizer(const Config& config)
      : Optimizer(config, {}, "nadam"),
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
  std::vector<SlotSpec> slots(const LearnedVariable&) const override { return {{"momentum"}, {"velocity"}}; }
  std::vector<Number> numbers(int64_t iterations) const override {
    return {{"u_product", momentum_product(beta_1_, iterations)}};
  }
  // From the stochastic differential equation of noisy gradients (Malladi et al., 2022). Decays to the power of k in
  // place of 1 - k (1 - beta): the same for small steps, never negative, and bias corrections stay exact per sample.
  BatchSizeRule batch_size_rule() const override {
    return {"square_root", kNoisyScale, {"beta_1", "beta_2"}, {{"epsilon", -0.5}}, {}};
  }
  void begin(UpdateScalars& scalars) const override {
    const int64_t t = scalars.iteration + 1;
    const auto momentum = [&](int64_t at) { return beta_1_ * (1 - 0.5 * std::pow(0.96, static_cast<double>(at))); };
    const double product = momentum_product(beta_1_, t);
    scalars.own[0] = momentum(t + 1);
    scalars.own[1] = 1 - product * momentum(t + 1);
    scalars.own[2] = 1 - momentum(t);
    scalars.own[3] = 1 - product;
    scalars.own[4] = bias_correction(beta_2_, t);
  }
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    HWY_DYNAMIC_DISPATCH(NadamRun)
    (call, scalars, static_cast<float>(1 - beta_1_), static_cast<float>(1 - beta_2_), applied_epsilon(epsilon_));
  }

 private:
  double beta_1_, beta_2_, epsilon_;
};

const Register<Optimizer, NadamOptimizer> registered{kClass, {"nadam"}};

}  // namespace

Spec Nadam(const NadamOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"beta_1", options.beta_1}, {"beta_2", options.beta_2}, {"epsilon", options.epsilon}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
