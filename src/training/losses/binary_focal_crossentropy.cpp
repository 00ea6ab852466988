// Binary focal cross-entropy: cross-entropy weighted by (1 - probability of the truth)^gamma.
#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/logistic.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "BinaryFocalCrossentropy";

class BinaryFocalCrossentropyLoss : public Loss {
 public:
  explicit BinaryFocalCrossentropyLoss(const Config& config)
      : Loss(config),
        balanced_(config.get("apply_class_balancing", false)),
        alpha_(static_cast<float>(config.get("alpha", 0.25))),
        gamma_(static_cast<float>(config.get("gamma", 2.0))),
        from_logits_(config.get("from_logits", false)),
        smoothing_(read_label_smoothing(config, kClass)) {
    require_known_keys(
        config, kClass,
        {"name", "reduction", "apply_class_balancing", "alpha", "gamma", "from_logits", "label_smoothing", "axis"});
    require(config.get("axis", -1) == -1, "BinaryFocalCrossentropy.axis", "the mean runs over the last axis, -1. Got ",
            config.get("axis", -1), ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("binary_focal_crossentropy");
    config.set("from_logits", from_logits_);
    config.set("label_smoothing", smoothing_);
    config.set("axis", -1);
    config.set("apply_class_balancing", balanced_);
    config.set("alpha", alpha_);
    config.set("gamma", gamma_);
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    return without_last(paired_shape(target, prediction, kClass));
  }
  void compute(const LossCall& call) const override {
    const int64_t size = paired_shape(call.target_shape, call.prediction_shape, kClass).back();
    for (int64_t v = 0; v < call.rows * call.prediction_shape.count() / size; ++v) {
      double sum = 0;
      const float factor = call.gradient ? call.factors[v] / static_cast<float>(size) : 0;
      for (int64_t i = v * size; i < (v + 1) * size; ++i) {
        float slope;
        sum += element(call.targets[i], call.predictions[i], slope);
        if (call.gradient) call.gradient[i] = factor * slope;
      }
      call.values[v] = static_cast<float>(sum / static_cast<double>(size));
    }
  }

 private:
  float element(float target, float prediction, float& slope) const {
    const float t = target * (1 - smoothing_) + 0.5f * smoothing_;
    const float p = from_logits_ ? sigmoid(prediction) : prediction, c = clip_probability(p);
    const float entropy = -(t * std::log(c) + (1 - t) * std::log(1 - c));
    const float miss = 1 - (t * p + (1 - t) * (1 - p));
    const float focus = std::pow(miss, gamma_);
    const float weight = balanced_ ? t * alpha_ + (1 - t) * (1 - alpha_) : 1.0f;
    const float entropy_slope = is_unclipped(p) ? (1 - t) / (1 - p) - t / p : 0.0f;
    const float focus_slope = gamma_ == 0 ? 0.0f : gamma_ * std::pow(miss, gamma_ - 1) * (1 - 2 * t);
    slope = weight * (focus_slope * entropy + focus * entropy_slope) * (from_logits_ ? p * (1 - p) : 1.0f);
    return weight * focus * entropy;
  }

  bool balanced_;
  float alpha_, gamma_;
  bool from_logits_;
  float smoothing_;
};

const Register<Loss, BinaryFocalCrossentropyLoss> registered{kClass, {"binary_focal_crossentropy"}};

}  // namespace

Spec BinaryFocalCrossentropy(const BinaryFocalCrossentropyOptions& options) {
  return loss_spec(kClass, options,
                   {{"apply_class_balancing", options.apply_class_balancing},
                    {"alpha", options.alpha},
                    {"gamma", options.gamma},
                    {"from_logits", options.from_logits},
                    {"label_smoothing", options.label_smoothing}});
}

}  // namespace batchwise
