// RMSprop: steps divided by a running root mean square of the gradient.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/rmsprop.cpp"
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

template <bool kCentered, bool kMomentum>
struct MeanSquare {
  float *w, *v, *m, *mean;
  const float* g;
  float rate, rho, part, momentum, epsilon;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i);
    const auto square = Blend(d, hn::LoadU(d, v + i), rho, hn::Mul(gradient, gradient), part);
    hn::StoreU(square, d, v + i);
    auto spread = square;
    if (kCentered) {
      const auto average = Blend(d, hn::LoadU(d, mean + i), rho, gradient, part);
      hn::StoreU(average, d, mean + i);
      spread = hn::Sub(square, hn::Mul(average, average));
    }
    auto step = hn::Div(hn::Mul(hn::Set(d, rate), gradient), hn::Sqrt(hn::Add(spread, hn::Set(d, epsilon))));
    if (kMomentum) {
      step = hn::Add(hn::Mul(hn::Set(d, momentum), hn::LoadU(d, m + i)), step);
      hn::StoreU(step, d, m + i);
    }
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), step), d, w + i);
  }
};

template <bool kCentered, bool kMomentum>
HWY_INLINE void Run(const UpdateCall& call, float rate, float rho, float part, float momentum, float epsilon) {
  float* m = kMomentum ? call.slots[1] : nullptr;
  float* mean = kCentered ? call.slots[kMomentum ? 2 : 1] : nullptr;
  ForElements(call.count, MeanSquare<kCentered, kMomentum>{call.weights, call.slots[0], m, mean, call.gradients, rate,
                                                           rho, part, momentum, epsilon});
}

}  // namespace

void RmspropRun(const UpdateCall& call, bool centered, float rate, float rho, float part, float momentum,
                float epsilon) {
  if (centered && momentum > 0) Run<true, true>(call, rate, rho, part, momentum, epsilon);
  else if (centered) Run<true, false>(call, rate, rho, part, momentum, epsilon);
  else if (momentum > 0) Run<false, true>(call, rate, rho, part, momentum, epsilon);
  else Run<false, false>(call, rate, rho, part, momentum, epsilon);
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
HWY_EXPORT(RmspropRun);
namespace {

constexpr const char* kClass = "RMSprop";
class RmspropOptimizer : public Optimizer {
 public:
  explicit RmspropOptimizer(const Config& config)
      : Optimizer(config, {}, "rmsprop"),
        rho_(read_decay(config, "rho", 0.9, kClass)),
        momentum_(config.get("momentum", 0.0)),
        epsilon_(read_epsilon(config, kClass)),
        centered_(config.get("centered", false)) {
    require_optimizer_keys(config, kClass, {"rho", "momentum", "epsilon", "centered"});
    require(momentum_ >= 0 && momentum_ <= 1, kClass, "momentum must lie in [0, 1]. Got ", momentum_, ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("rho", rho_);
    config.set("momentum", momentum_);
    config.set("epsilon", epsilon_);
    config.set("centered", centered_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override {
    std::vector<SlotSpec> slots{{"velocity"}};
    if (momentum_ > 0) slots.push_back({"momentum"});
    if (centered_) slots.push_back({"average_gradient"});
    return slots;
  }
  int interleaved_slots() const override { return 1; }
  // As Adam's; epsilon stands beside the squares here.
  BatchSizeRule batch_size_rule() const override {
    return {"square_root", kNoisyScale, {"rho"}, {{"epsilon", -1}}, {}};
  }
  void begin(UpdateScalars&) const override {}
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    HWY_DYNAMIC_DISPATCH(RmspropRun)
    (call, centered_, static_cast<float>(scalars.learning_rate), static_cast<float>(rho_), static_cast<float>(1 - rho_),
     static_cast<float>(momentum_), applied_epsilon(epsilon_));
  }

 private:
  double rho_, momentum_, epsilon_;
  bool centered_;
};

const Register<Optimizer, RmspropOptimizer> registered{
    kClass,
    {"rmsprop"},
    {Config(Config::Object{}), Config::object({{"momentum", 0.9}, {"centered", true}}),
     Config::object({{"centered", true}})}};

}  // namespace

Spec RMSprop(const RMSpropOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"rho", options.rho},
                         {"momentum", options.momentum},
                         {"epsilon", options.epsilon},
                         {"centered", options.centered}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
