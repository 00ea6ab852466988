// Adagrad: steps divided by the root of the sum of all squared gradients.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/adagrad.cpp"
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

struct SquareSum {
  float *w, *a;
  const float* g;
  float rate, epsilon;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i);
    const auto sum = hn::Add(hn::LoadU(d, a + i), hn::Mul(gradient, gradient));
    hn::StoreU(sum, d, a + i);
    const auto step = hn::Div(hn::Mul(hn::Set(d, rate), gradient), hn::Sqrt(hn::Add(sum, hn::Set(d, epsilon))));
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), step), d, w + i);
  }
};

}  // namespace

void AdagradRun(const UpdateCall& call, float rate, float epsilon) {
  ForElements(call.count, SquareSum{call.weights, call.slots[0], call.gradients, rate, epsilon});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
HWY_EXPORT(AdagradRun);
namespace {

constexpr const char* kClass = "Adagrad";
class AdagradOptimizer : public Optimizer {
 public:
  explicit AdagradOptimizer(const Config& config)
      : Optimizer(config, {}, "adagrad"),
        initial_(config.get("initial_accumulator_value", 0.1)),
        epsilon_(read_epsilon(config, kClass)) {
    require_optimizer_keys(config, kClass, {"initial_accumulator_value", "epsilon"});
    require(initial_ >= 0, kClass, "initial_accumulator_value must not be negative. Got ", initial_, ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("initial_accumulator_value", initial_);
    config.set("epsilon", epsilon_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override {
    return {{"accumulator", static_cast<float>(initial_)}};
  }
  // Of n samples the sum holds n / B squares of the size 1 / B: its root falls as 1 / B, as the number of updates does.
  BatchSizeRule batch_size_rule() const override {
    return {"constant", kNoisySum, {}, {{"initial_accumulator_value", -2}, {"epsilon", -2}}, {}};
  }
  void begin(UpdateScalars&) const override {}
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    HWY_DYNAMIC_DISPATCH(AdagradRun)(call, static_cast<float>(scalars.learning_rate), applied_epsilon(epsilon_));
  }

 private:
  double initial_, epsilon_;
};

const Register<Optimizer, AdagradOptimizer> registered{kClass, {"adagrad"}};

}  // namespace

Spec Adagrad(const AdagradOptions& options) {
  return optimizer_spec(
      kClass, options.learning_rate, options.schedule, options.common,
      {{"initial_accumulator_value", options.initial_accumulator_value}, {"epsilon", options.epsilon}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
