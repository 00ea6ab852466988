// Tversky loss: one minus the overlap over itself and the weighted parts that only one of both has, 1e-7 added.
#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/overlap.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "Tversky";

class TverskyLoss : public OverlapLoss {
 public:
  explicit TverskyLoss(const Config& config)
      : OverlapLoss(config, kClass), alpha_(config.get("alpha", 0.5)), beta_(config.get("beta", 0.5)) {
    require_known_keys(config, kClass, {"name", "reduction", "alpha", "beta", "axis"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("tversky");
    config.set("alpha", alpha_);
    config.set("beta", beta_);
    config.set("axis", axes_config(axes()));
    return config;
  }

 private:
  // Keras's words: what only the targets have is weighted by alpha, what only the predictions have by beta.
  OverlapValue value_of(const Overlap& sums) const override {
    const double all =
        sums.both + alpha_ * (sums.targets - sums.both) + beta_ * (sums.predictions - sums.both) + kEpsilon;
    return {1 - sums.both / all, sums.both * (1 - alpha_ - beta_) / (all * all) - 1 / all,
            sums.both * beta_ / (all * all)};
  }

  double alpha_, beta_;
};

const Register<Loss, TverskyLoss> registered{
    kClass,
    {"tversky"},
    {Config(Config::Object{}), Config::object({{"alpha", 0.3}, {"beta", 0.7}, {"axis", std::vector<int64_t>{-1}}})}};

}  // namespace

Spec Tversky(const TverskyOptions& options) {
  return loss_spec(kClass, options,
                   {{"alpha", options.alpha}, {"beta", options.beta}, {"axis", axes_config(options.axis)}});
}

}  // namespace batchwise
