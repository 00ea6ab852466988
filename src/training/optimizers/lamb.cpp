// Lamb: Adam's step, as long as the variable is.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/lamb.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "training/optimizers/bias_correction.h"
#include "training/optimizers/elements-inl.h"
#include "training/optimizers/keras_arguments.h"
#include "training/optimizers/norm.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise {
namespace HWY_NAMESPACE {
namespace {

struct Direction {
  float *m, *v, *step;
  const float* g;
  float part_1, part_2, correction_1, correction_2, epsilon;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i);
    const auto first = Towards(d, hn::LoadU(d, m + i), gradient, part_1);
    const auto second = Towards(d, hn::LoadU(d, v + i), hn::Mul(gradient, gradient), part_2);
    hn::StoreU(first, d, m + i);
    hn::StoreU(second, d, v + i);
    const auto scale = hn::Add(hn::Sqrt(hn::Div(second, hn::Set(d, correction_2))), hn::Set(d, epsilon));
    hn::StoreU(hn::Div(hn::Div(first, hn::Set(d, correction_1)), scale), d, step + i);
  }
};

struct Move {
  float* w;
  const float* step;
  float length;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), hn::Mul(hn::Set(d, length), hn::LoadU(d, step + i))), d, w + i);
  }
};

}  // namespace

void LambDirection(const VariableCall& call, float part_1, float part_2, float correction_1, float correction_2,
                   float epsilon) {
  ForElements(call.shape.count(), Direction{call.slots[0], call.slots[1], static_cast<float*>(call.scratch),
                                            call.gradients, part_1, part_2, correction_1, correction_2, epsilon});
}
void LambMove(const VariableCall& call, float length) {
  ForElements(call.shape.count(), Move{call.weights, static_cast<const float*>(call.scratch), length});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
HWY_EXPORT(LambDirection);
HWY_EXPORT(LambMove);
namespace {

constexpr const char* kClass = "Lamb";

class LambOptimizer : public Optimizer {
 public:
  explicit LambOptimizer(const Config& config)
      : Optimizer(config, {}, "lamb"),
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
  // You et al. (2020). The betas stay: with them changed, the length of the direction would be another one before it is
  // brought to that of the weights.
  BatchSizeRule batch_size_rule() const override {
    return {"square_root", kStepsOfOneLength, {}, {{"epsilon", -0.5}}, {}};
  }
  void begin(UpdateScalars& scalars) const override {
    scalars.own[0] = bias_correction(beta_1_, scalars.iteration + 1);
    scalars.own[1] = bias_correction(beta_2_, scalars.iteration + 1);
  }
  void update(const UpdateScalars&, const UpdateCall&) const override {}  // every variable is whole
  bool is_whole(const LearnedVariable&) const override { return true; }
  int64_t scratch(const LearnedVariable& variable) const override { return variable.shape.count() * 4; }  // the step
  void update_whole(const UpdateScalars& scalars, const VariableCall& call) const override {
    HWY_DYNAMIC_DISPATCH(LambDirection)
    (call, static_cast<float>(1 - beta_1_), static_cast<float>(1 - beta_2_), static_cast<float>(scalars.own[0]),
     static_cast<float>(scalars.own[1]), applied_epsilon(epsilon_));
    const int64_t count = call.shape.count();
    const double weights = std::sqrt(sum_of_squares(call.weights, count)),
                 step = std::sqrt(sum_of_squares(static_cast<const float*>(call.scratch), count));
    const double ratio = weights > 0 && step > 0 ? weights / step : 1;
    HWY_DYNAMIC_DISPATCH(LambMove)
    (call, static_cast<float>(ratio) * static_cast<float>(scalars.learning_rate));
  }

 private:
  double beta_1_, beta_2_, epsilon_;
};

const Register<Optimizer, LambOptimizer> registered{
    kClass, {"lamb"}, {Config(Config::Object{}), Config::object({{"weight_decay", 0.01}})}};

}  // namespace

Spec Lamb(const LambOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"beta_1", options.beta_1}, {"beta_2", options.beta_2}, {"epsilon", options.epsilon}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
