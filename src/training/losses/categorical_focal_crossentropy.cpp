// Categorical focal cross-entropy: the sum of -alpha (1 - p)^gamma t log(p) over the classes.
#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/logistic.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "CategoricalFocalCrossentropy";

class CategoricalFocalCrossentropyLoss : public Loss {
 public:
  explicit CategoricalFocalCrossentropyLoss(const Config& config)
      : Loss(config),
        alpha_(read_alpha(config)),
        gamma_(static_cast<float>(config.get("gamma", 2.0))),
        from_logits_(config.get("from_logits", false)),
        smoothing_(read_label_smoothing(config, kClass)),
        axis_(config.get("axis", -1)) {
    require_known_keys(config, kClass,
                       {"name", "reduction", "alpha", "gamma", "from_logits", "label_smoothing", "axis"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("categorical_focal_crossentropy");
    config.set("from_logits", from_logits_);
    config.set("label_smoothing", smoothing_);
    config.set("axis", axis_);
    Config::List alphas;
    for (const float alpha : alpha_) alphas.emplace_back(alpha);
    config.set("alpha", alpha_.size() == 1 ? Config(alpha_.front()) : Config(alphas));
    config.set("gamma", gamma_);
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    require(target == prediction, kClass, "targets are distributions of the shape of the predictions, ", prediction,
            ". Got ", target, ".");
    const int64_t classes = axis_view(prediction, axis_, kClass).size;
    require(alpha_.size() == 1 || static_cast<int64_t>(alpha_.size()) == classes, kClass,
            "alpha must be one number or one for each of ", classes, " classes. Got ", alpha_.size(), ".");
    return without_axis(prediction, axis_, kClass);
  }
  void compute(const LossCall& call) const override {
    const AxisView view = axis_view(call.prediction_shape, axis_, kClass);
    for (int64_t o = 0; o < call.rows * view.outer; ++o)
      for (int64_t i = 0; i < view.inner; ++i) {
        const int64_t base = o * view.size * view.inner + i, v = o * view.inner + i;
        call.values[v] = line(call, base, view, call.gradient ? call.factors[v] : 0);
      }
  }

 private:
  // Both a softmax and a division by the sum end in q = a / sum(a); `slope` is the loss's by q.
  float line(const LossCall& call, int64_t base, const AxisView& view, float factor) const {
    const float *t = call.targets + base, *x = call.predictions + base;
    const int64_t end = view.size * view.inner;
    float top = x[0];
    for (int64_t s = 0; s < end; s += view.inner) top = std::fmax(top, x[s]);
    double sum = 0, loss = 0, dot = 0;
    for (int64_t s = 0; s < end; s += view.inner) sum += from_logits_ ? std::exp(x[s] - top) : x[s];
    for (int64_t s = 0; s < end; s += view.inner) {
      const float q = share(x[s], top, sum);
      const float c = clip_probability(q),
                  smooth = t[s] * (1 - smoothing_) + smoothing_ / static_cast<float>(view.size);
      loss -= static_cast<double>(alpha(s / view.inner)) * std::pow(1 - c, gamma_) * smooth * std::log(c);
      dot += static_cast<double>(slope(q, smooth, alpha(s / view.inner))) * q;
    }
    for (int64_t s = 0; call.gradient && s < end; s += view.inner) {
      const float q = share(x[s], top, sum),
                  smooth = t[s] * (1 - smoothing_) + smoothing_ / static_cast<float>(view.size);
      const double through = slope(q, smooth, alpha(s / view.inner)) - dot;
      call.gradient[base + s] = factor * static_cast<float>(from_logits_ ? q * through : through / sum);
    }
    return static_cast<float>(loss);
  }

  float share(float x, float top, double sum) const {
    return static_cast<float>((from_logits_ ? std::exp(x - top) : x) / sum);
  }
  float slope(float q, float t, float alpha) const {
    if (!is_unclipped(q)) return 0;
    const float bend = gamma_ == 0 ? 0.0f : gamma_ * std::pow(1 - q, gamma_ - 1) * std::log(q);
    return alpha * t * (bend - std::pow(1 - q, gamma_) / q);
  }

  static std::vector<float> read_alpha(const Config& config) {
    const Config* given = config.find("alpha");
    if (!given || !given->is_list()) return {static_cast<float>(config.get("alpha", 0.25))};
    std::vector<float> alphas;
    for (const Config& alpha : given->as_list()) alphas.push_back(static_cast<float>(alpha.as_number("alpha")));
    require(!alphas.empty(), kClass, "alpha must be one number or one for each class. Got [].");
    return alphas;
  }
  float alpha(int64_t of_class) const { return alpha_[alpha_.size() == 1 ? 0 : static_cast<size_t>(of_class)]; }

  std::vector<float> alpha_;  // one for all classes, or one for each
  float gamma_;
  bool from_logits_;
  float smoothing_;
  int64_t axis_;
};

const Register<Loss, CategoricalFocalCrossentropyLoss> registered{kClass, {"categorical_focal_crossentropy"}};

}  // namespace

Spec CategoricalFocalCrossentropy(const CategoricalFocalCrossentropyOptions& options) {
  return loss_spec(kClass, options,
                   {{"alpha", options.alpha},
                    {"gamma", options.gamma},
                    {"from_logits", options.from_logits},
                    {"label_smoothing", options.label_smoothing},
                    {"axis", options.axis}});
}

}  // namespace batchwise
