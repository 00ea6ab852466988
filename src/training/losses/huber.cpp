// Huber loss: quadratic up to delta, linear beyond.
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "Huber";
  static constexpr const char* kName = "huber_loss";
  static constexpr bool kMean = true;
  float delta = 1;
  float value(float t, float p) const {
    const float size = std::fabs(p - t);
    return size <= delta ? 0.5f * (size * size) : delta * size - 0.5f * delta * delta;
  }
  float slope(float t, float p) const {
    const float error = p - t;
    return std::fabs(error) <= delta ? error : std::copysign(delta, error);
  }
};

class HuberLoss : public PointwiseLoss<Maths> {
 public:
  explicit HuberLoss(const Config& config)
      : PointwiseLoss(config, Maths{static_cast<float>(config.get("delta", 1.0))}) {
    require_known_keys(config, Maths::kClass, {"name", "reduction", "delta"});
    require(maths_.delta > 0, "Huber.delta", "delta must be positive. Got ", maths_.delta, ".");
  }
  Config config() const override {
    Config config = PointwiseLoss::config();
    config.set("delta", maths_.delta);
    return config;
  }
};

const Register<Loss, HuberLoss> registered{
    Maths::kClass, {"huber", "huber_loss"}, {Config(Config::Object{}), Config::object({{"delta", 0.3}})}};

}  // namespace

Spec Huber(const HuberOptions& options) { return loss_spec(Maths::kClass, options, {{"delta", options.delta}}); }

}  // namespace batchwise
