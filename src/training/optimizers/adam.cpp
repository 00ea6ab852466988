// Adam and AdamW: steps scaled by running moments of the gradient.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/adam.cpp"
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

template <bool kAmsgrad>
struct Moments {
  float *w, *m, *v, *largest;
  const float* g;
  float alpha, part_1, part_2, epsilon;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto gradient = hn::LoadU(d, g + i);
    const auto first = Towards(d, hn::LoadU(d, m + i), gradient, part_1);
    const auto second = Towards(d, hn::LoadU(d, v + i), hn::Mul(gradient, gradient), part_2);
    hn::StoreU(first, d, m + i);
    hn::StoreU(second, d, v + i);
    auto scale = second;
    if (kAmsgrad) {
      scale = hn::Max(hn::LoadU(d, largest + i), second);
      hn::StoreU(scale, d, largest + i);
    }
    const auto step = hn::Div(hn::Mul(first, hn::Set(d, alpha)), hn::Add(hn::Sqrt(scale), hn::Set(d, epsilon)));
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), step), d, w + i);
  }
};

}  // namespace

void AdamRun(const UpdateCall& call, float alpha, float part_1, float part_2, float epsilon) {
  ForElements(call.count, Moments<false>{call.weights, call.slots[0], call.slots[1], nullptr, call.gradients, alpha,
                                         part_1, part_2, epsilon});
}
void AmsgradRun(const UpdateCall& call, float alpha, float part_1, float part_2, float epsilon) {
  ForElements(call.count, Moments<true>{call.weights, call.slots[0], call.slots[1], call.slots[2], call.gradients,
                                        alpha, part_1, part_2, epsilon});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(AdamRun);
HWY_EXPORT(AmsgradRun);
namespace {

constexpr const char* kClass = "Adam";
constexpr const char* kDecoupled = "AdamW";

class AdamOptimizer : public Optimizer {
 public:
  explicit AdamOptimizer(const Config& config) : AdamOptimizer(config, {}, "adam", kClass) {}
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("beta_1", beta_1_);
    config.set("beta_2", beta_2_);
    config.set("epsilon", epsilon_);
    config.set("amsgrad", amsgrad_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override {
    std::vector<SlotSpec> slots{{"momentum"}, {"velocity"}};
    if (amsgrad_) slots.push_back({"velocity_hat"});
    return slots;
  }
  int interleaved_slots() const override { return 2; }
  // From the stochastic differential equation of noisy gradients (Malladi et al., 2022). Decays to the power of k in
  // place of 1 - k (1 - beta): the same for small steps, never negative, and bias corrections stay exact per sample.
  BatchSizeRule batch_size_rule() const override {
    return {"square_root", kNoisyScale, {"beta_1", "beta_2"}, {{"epsilon", -0.5}}, {}};
  }
  void begin(UpdateScalars& scalars) const override {
    const int64_t updates = scalars.iteration + 1;
    scalars.own[0] = static_cast<float>(scalars.learning_rate) * std::sqrt(bias_correction(beta_2_, updates)) /
                     bias_correction(beta_1_, updates);
  }
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    const float alpha = static_cast<float>(scalars.own[0]), epsilon = applied_epsilon(epsilon_);
    const float part_1 = static_cast<float>(1 - beta_1_), part_2 = static_cast<float>(1 - beta_2_);
    if (amsgrad_) HWY_DYNAMIC_DISPATCH(AmsgradRun)(call, alpha, part_1, part_2, epsilon);
    else HWY_DYNAMIC_DISPATCH(AdamRun)(call, alpha, part_1, part_2, epsilon);
  }

 protected:
  AdamOptimizer(const Config& config, const OptimizerOptions& defaults, std::string_view name, std::string_view where)
      : Optimizer(config, defaults, name),
        beta_1_(read_decay(config, "beta_1", 0.9, where)),
        beta_2_(read_decay(config, "beta_2", 0.999, where)),
        epsilon_(read_epsilon(config, where)),
        amsgrad_(config.get("amsgrad", false)) {
    require_optimizer_keys(config, where, {"beta_1", "beta_2", "epsilon", "amsgrad"});
  }

 private:
  double beta_1_, beta_2_, epsilon_;
  bool amsgrad_;
};

// Adam whose weight decay is on by default.
class AdamWOptimizer : public AdamOptimizer {
 public:
  explicit AdamWOptimizer(const Config& config) : AdamOptimizer(config, {.weight_decay = 0.004}, "adamw", kDecoupled) {}
  std::string_view class_name() const override { return kDecoupled; }
  Config config() const override {
    Config config = AdamOptimizer::config();
    config.set("weight_decay", options().weight_decay);  // null would not be read by Keras
    return config;
  }
};

const std::vector<Config> kExamples{Config(Config::Object{}), Config::object({{"amsgrad", true}})};
const Register<Optimizer, AdamOptimizer> registered{kClass, {"adam"}, kExamples};
const Register<Optimizer, AdamWOptimizer> registered_decoupled{kDecoupled, {"adamw"}, kExamples};

}  // namespace

Spec Adam(const AdamOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"beta_1", options.beta_1},
                         {"beta_2", options.beta_2},
                         {"epsilon", options.epsilon},
                         {"amsgrad", options.amsgrad}});
}

Spec AdamW(const AdamWOptions& options) {
  return optimizer_spec(kDecoupled, options.learning_rate, options.schedule, options.common,
                        {{"weight_decay", options.weight_decay},
                         {"beta_1", options.beta_1},
                         {"beta_2", options.beta_2},
                         {"epsilon", options.epsilon},
                         {"amsgrad", options.amsgrad}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
