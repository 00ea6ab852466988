// Stochastic gradient descent, with momentum and Nesterov's variant.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "training/optimizers/sgd.cpp"
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

struct Plain {
  float* w;
  const float* g;
  float rate;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    hn::StoreU(hn::Sub(hn::LoadU(d, w + i), hn::Mul(hn::LoadU(d, g + i), hn::Set(d, rate))), d, w + i);
  }
};

template <bool kNesterov>
struct Momentum {
  float *w, *m;
  const float* g;
  float rate, momentum;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto step = hn::Mul(hn::LoadU(d, g + i), hn::Set(d, rate)), keep = hn::Set(d, momentum);
    const auto moved = hn::Sub(hn::Mul(hn::LoadU(d, m + i), keep), step);
    hn::StoreU(moved, d, m + i);
    const auto by = kNesterov ? hn::Sub(hn::Mul(moved, keep), step) : moved;
    hn::StoreU(hn::Add(hn::LoadU(d, w + i), by), d, w + i);
  }
};

}  // namespace

void SgdPlain(const UpdateCall& call, float rate) {
  ForElements(call.count, Plain{call.weights, call.gradients, rate});
}
void SgdMomentum(const UpdateCall& call, float rate, float momentum) {
  ForElements(call.count, Momentum<false>{call.weights, call.slots[0], call.gradients, rate, momentum});
}
void SgdNesterov(const UpdateCall& call, float rate, float momentum) {
  ForElements(call.count, Momentum<true>{call.weights, call.slots[0], call.gradients, rate, momentum});
}
}  // namespace HWY_NAMESPACE
}  // namespace batchwise
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(SgdPlain);
HWY_EXPORT(SgdMomentum);
HWY_EXPORT(SgdNesterov);
namespace {

constexpr const char* kClass = "SGD";
class SgdOptimizer : public Optimizer {
 public:
  explicit SgdOptimizer(const Config& config)
      : Optimizer(config, {.learning_rate = 0.01}, "SGD"),
        momentum_(config.get("momentum", 0.0)),
        nesterov_(config.get("nesterov", false)) {
    require_optimizer_keys(config, kClass, {"momentum", "nesterov"});
    require(momentum_ >= 0 && momentum_ <= 1, kClass, "momentum must lie in [0, 1]. Got ", momentum_, ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config();
    config.set("momentum", momentum_);
    config.set("nesterov", nesterov_);
    return config;
  }
  std::vector<SlotSpec> slots(const LearnedVariable&) const override {
    if (momentum_ == 0) return {};
    return {{"momentum"}};
  }
  BatchSizeRule batch_size_rule() const override {
    return {"linear", "whose steps are the learning rate times a mean over the batch", {}, {}, {}};
  }
  void begin(UpdateScalars&) const override {}
  void update(const UpdateScalars& scalars, const UpdateCall& call) const override {
    const float rate = static_cast<float>(scalars.learning_rate), momentum = static_cast<float>(momentum_);
    if (momentum_ == 0) HWY_DYNAMIC_DISPATCH(SgdPlain)(call, rate);
    else if (nesterov_) HWY_DYNAMIC_DISPATCH(SgdNesterov)(call, rate, momentum);
    else HWY_DYNAMIC_DISPATCH(SgdMomentum)(call, rate, momentum);
  }

 private:
  double momentum_;
  bool nesterov_;
};

const Register<Optimizer, SgdOptimizer> registered{kClass,
                                                   {"sgd"},
                                                   {Config(Config::Object{}), Config::object({{"momentum", 0.9}}),
                                                    Config::object({{"momentum", 0.9}, {"nesterov", true}})}};

}  // namespace

Spec SGD(const SGDOptions& options) {
  return optimizer_spec(kClass, options.learning_rate, options.schedule, options.common,
                        {{"momentum", options.momentum}, {"nesterov", options.nesterov}});
}

}  // namespace batchwise
#endif  // HWY_ONCE
