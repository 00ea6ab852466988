// Dice loss: one minus twice the overlap over the sum of both, 1e-7 added.
#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/overlap.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "Dice";

class DiceLoss : public OverlapLoss {
 public:
  explicit DiceLoss(const Config& config) : OverlapLoss(config, kClass) {
    require_known_keys(config, kClass, {"name", "reduction", "axis"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("dice");
    config.set("axis", axes_config(axes()));
    return config;
  }

 private:
  OverlapValue value_of(const Overlap& sums) const override {
    const double all = sums.targets + sums.predictions + kEpsilon;
    return {1 - 2 * sums.both / all, -2 / all, 2 * sums.both / (all * all)};
  }
};

const Register<Loss, DiceLoss> registered{
    kClass, {"dice"}, {Config(Config::Object{}), Config::object({{"axis", std::vector<int64_t>{-1}}})}};

}  // namespace

Spec Dice(const DiceOptions& options) { return loss_spec(kClass, options, {{"axis", axes_config(options.axis)}}); }

}  // namespace batchwise
