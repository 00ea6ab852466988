// ScheduleFreeAdamW: Adam whose average over all steps takes the place of a falling learning rate.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/schedule_free_adamw.cpp"
#include <algorithm>

#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "training/optimizers/bias_correction.h"
#include "training/optimizers/elements-inl.h"
#include "training/optimizers/keras_arguments.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise {
namespace HWY_NAMESPACE {
namespace {

// The weights lie between the fast point z, which Adam moves, and the average x of all z: y = (1 - beta_1) z + beta_1
// x.
struct Between {
  float *y, *z, *v;
  const float* g;
  float rate, beta_1, rest_1, part_2, correction_2, epsilon, keep, part;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i), before = hn::LoadU(d, z + i);
    const auto second = Towards(d, hn::LoadU(d, v + i), hn::Mul(gradient, gradient), part_2);
    hn::StoreU(second, d, v + i);
    const auto scale = hn::Add(hn::Sqrt(hn::Div(second, hn::Set(d, correction_2))), hn::Set(d, epsilon));
    const auto after = hn::Sub(before, hn::Div(hn::Mul(hn::Set(d, rate), gradient), scale));
    hn::StoreU(after, d, z + i);
    const auto b1 = hn::Set(d, beta_1), r1 = hn::Set(d, rest_1);
    const auto x = hn::Div(hn::Sub(hn::LoadU(d, y + i), hn::Mul(r1, before)), b1);
    const auto average = hn::Add(hn::Mul(hn::Set(d, keep), x), hn::Mul(hn::Set(d, part), after));
    hn::StoreU(hn::Add(hn::Mul(r1, after), hn::Mul(b1, average)), d, y + i);
  }
};

}  // namespace

void ScheduleFreeRun(const UpdateCall& call, const UpdateScalars& scalars, float beta_1, float part_2, float epsilon) {
  const auto own = [&](int k) { return static_cast<float>(scalars.own[k]); };
  ForElements(call.count, Between{call.weights, call.slots[0], call.slots[1], call.gradients, own(0), beta_1,
                                  1 - beta_1, part_2, own(1), epsilon, 1 - own(2), own(2)});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
HWY_EXPORT(ScheduleFreeRun);
namespace {

constexpr const char* kClass = "ScheduleFreeAdamW";

class ScheduleFreeOptimizer : public Optimizer {
 public:
  explicit ScheduleFreeOptimizer(const Config& config)
      : Optimizer(config, {.learning_rate = 0.0025}, "schedule_free_adam_w"),
        beta_1_(read_decay(config, "beta_1", 0.9, kClass)),
        beta_2_(read_decay(config, "beta_2", 0.999, kClass)),
        epsilon_(config.get("epsilon", 1e-8)),
        warmup_(config.get("warmup_steps", 0)) {
    require_optimizer_keys(config, kClass, {"beta_1", "beta_2", "epsilon", "warmup_steps"});
    require(beta_1_ > 0, kClass, "beta_1 must be positive. Got ", beta_1_, ".");
    require(epsilon_ >= 0, kClass, "epsilon must not be negative. Got ", epsilon_, ".");
    require(warmup_ >= 0, kClass, "warmup_steps must not be negative. Got ", warmup_, ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("beta_1", beta_1_);
    config.set("beta_2", beta_2_);
    config.set("epsilon", epsilon_);
    config.set("warmup_steps", warmup_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override {
    return {{.name = "momentum", .from_weights = true}, {"velocity"}};
  }
  // beta_1 is a place between two points, not a memory.
  BatchSizeRule batch_size_rule() const override {
    return {"square_root", kNoisyScale, {"beta_2"}, {{"epsilon", -0.5}}, {"warmup_steps"}};
  }
  void begin(UpdateScalars& scalars) const override {
    const int64_t t = scalars.iteration + 1;
    const float warm = warmup_ > 0 ? std::min(static_cast<float>(t) / static_cast<float>(warmup_), 1.0f) : 1.0f;
    scalars.own[0] = static_cast<float>(scalars.learning_rate) * warm;
    scalars.own[1] = bias_correction(beta_2_, t);
    scalars.own[2] = 1.0f / static_cast<float>(t);
  }
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    HWY_DYNAMIC_DISPATCH(ScheduleFreeRun)
    (call, scalars, static_cast<float>(beta_1_), 1 - static_cast<float>(beta_2_), applied_epsilon(epsilon_));
  }

 private:
  double beta_1_, beta_2_, epsilon_;
  int64_t warmup_;
};

const Register<Optimizer, ScheduleFreeOptimizer> registered{
    kClass,
    {"schedule_free_adamw", "schedulefreeadamw"},
    {Config(Config::Object{}), Config::object({{"warmup_steps", 4}})}};

}  // namespace

Spec ScheduleFreeAdamW(const ScheduleFreeAdamWOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"beta_1", options.beta_1},
                         {"beta_2", options.beta_2},
                         {"epsilon", options.epsilon},
                         {"warmup_steps", options.warmup_steps}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
