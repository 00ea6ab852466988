// Binary cross-entropy on probabilities or logits; exact on logits when it stands behind a sigmoid.
#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/exponentials.h"
#include "training/losses/logistic.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "BinaryCrossentropy";

struct OnLogits {
  static float value(float t, float x) { return std::fmax(x, 0.0f) - x * t + std::log1p(std::exp(-std::fabs(x))); }
  static float slope(float t, float x) { return sigmoid(x) - t; }
};

struct OnProbabilities {
  static float value(float t, float p) {
    p = clip_probability(p);
    return -(t * std::log(p) + (1 - t) * std::log(1 - p));
  }
  static float slope(float t, float p) { return is_unclipped(p) ? (1 - t) / (1 - p) - t / p : 0.0f; }
};

class BinaryCrossentropyLoss : public Loss {
 public:
  explicit BinaryCrossentropyLoss(const Config& config)
      : Loss(config), from_logits_(config.get("from_logits", false)), smoothing_(read_label_smoothing(config, kClass)) {
    require_known_keys(config, kClass, {"name", "reduction", "from_logits", "label_smoothing", "axis"});
    require(config.get("axis", -1) == -1, "BinaryCrossentropy.axis", "the mean runs over the last axis, -1. Got ",
            config.get("axis", -1), ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("binary_crossentropy");
    config.set("from_logits", from_logits_);
    config.set("label_smoothing", smoothing_);
    config.set("axis", -1);
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    return without_last(paired_shape(target, prediction, kClass));
  }
  Head fuses_with() const override { return from_logits_ ? Head::None : Head::Sigmoid; }
  void compute(const LossCall& call) const override {
    if (call.logits) on_logits(call, call.logits);
    else if (from_logits_) on_logits(call, call.predictions);
    else run<OnProbabilities>(call, call.predictions);
  }

 private:
  void on_logits(const LossCall& call, const float* logits) const {
    const int64_t size = paired_shape(call.target_shape, call.prediction_shape, kClass).back();
    const int64_t count = call.rows * call.prediction_shape.count() / size;
    if (size < 4) return run<OnLogits>(call, logits);  // too little for vectors
    const float keep = 1 - smoothing_, shift = 0.5f * smoothing_, share = 1 / static_cast<float>(size);
    for (int64_t v = 0; v < count; ++v) {
      const float factor = call.gradient ? call.factors[v] * share : 0;
      const double sum = logistic_losses(call.targets + v * size, keep, shift, logits + v * size, factor,
                                         call.gradient ? call.gradient + v * size : nullptr, size);
      call.values[v] = static_cast<float>(sum / static_cast<double>(size));
    }
  }
  template <class Maths>
  void run(const LossCall& call, const float* predictions) const {
    const int64_t size = paired_shape(call.target_shape, call.prediction_shape, kClass).back();
    const int64_t count = call.rows * call.prediction_shape.count() / size;
    const float keep = 1 - smoothing_, shift = 0.5f * smoothing_;
    for (int64_t v = 0; v < count; ++v) {
      const float *t = call.targets + v * size, *p = predictions + v * size;
      double sum = 0;
      for (int64_t i = 0; i < size; ++i) sum += Maths::value(t[i] * keep + shift, p[i]);
      call.values[v] = static_cast<float>(sum / static_cast<double>(size));
      if (!call.gradient) continue;
      const float factor = call.factors[v] / static_cast<float>(size);
      for (int64_t i = 0; i < size; ++i) call.gradient[v * size + i] = factor * Maths::slope(t[i] * keep + shift, p[i]);
    }
  }

  bool from_logits_;
  float smoothing_;
};

const Register<Loss, BinaryCrossentropyLoss> registered{
    kClass,
    {"binary_crossentropy", "bce", "BCE"},
    {Config(Config::Object{}), Config::object({{"from_logits", true}, {"label_smoothing", 0.1}})}};

}  // namespace

Spec BinaryCrossentropy(const BinaryCrossentropyOptions& options) {
  return loss_spec(kClass, options,
                   {{"from_logits", options.from_logits}, {"label_smoothing", options.label_smoothing}});
}

}  // namespace batchwise
