// Adadelta: steps of the size of recent steps, over recent gradients.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/adadelta.cpp"
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

struct Deltas {
  float *w, *square, *moved;
  const float* g;
  float rate, rho, part, epsilon;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i), small = hn::Set(d, epsilon);
    const auto squares = Blend(d, hn::LoadU(d, square + i), rho, hn::Mul(gradient, gradient), part);
    const auto moves = hn::LoadU(d, moved + i);
    const auto delta =
        hn::Neg(hn::Div(hn::Mul(hn::Sqrt(hn::Add(moves, small)), gradient), hn::Sqrt(hn::Add(squares, small))));
    hn::StoreU(squares, d, square + i);
    hn::StoreU(Blend(d, moves, rho, hn::Mul(delta, delta), part), d, moved + i);
    hn::StoreU(hn::Add(hn::LoadU(d, w + i), hn::Mul(hn::Set(d, rate), delta)), d, w + i);
  }
};

}  // namespace

void AdadeltaRun(const UpdateCall& call, float rate, float rho, float part, float epsilon) {
  ForElements(call.count, Deltas{call.weights, call.slots[0], call.slots[1], call.gradients, rate, rho, part, epsilon});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
HWY_EXPORT(AdadeltaRun);
namespace {

constexpr const char* kClass = "Adadelta";
class AdadeltaOptimizer : public Optimizer {
 public:
  explicit AdadeltaOptimizer(const Config& config)
      : Optimizer(config, {}, "adadelta"),
        rho_(read_decay(config, "rho", 0.95, kClass)),
        epsilon_(read_epsilon(config, kClass)) {
    require_optimizer_keys(config, kClass, {"rho", "epsilon"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("rho", rho_);
    config.set("epsilon", epsilon_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override {
    return {{"accumulated_grad"}, {"accumulated_delta_var"}};
  }
  // Steps grow from epsilon at a pace that hangs on how far single gradients lie from their average: no rule holds.
  void begin(UpdateScalars&) const override {}
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    HWY_DYNAMIC_DISPATCH(AdadeltaRun)
    (call, static_cast<float>(scalars.learning_rate), static_cast<float>(rho_), static_cast<float>(1 - rho_),
     applied_epsilon(epsilon_));
  }

 private:
  double rho_, epsilon_;
};

const Register<Optimizer, AdadeltaOptimizer> registered{kClass, {"adadelta"}};

}  // namespace

Spec Adadelta(const AdadeltaOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"rho", options.rho}, {"epsilon", options.epsilon}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
