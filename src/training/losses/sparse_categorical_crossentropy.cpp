// Cross-entropy against class labels, on probabilities or logits; exact on logits when it stands behind a softmax.
#include <algorithm>
#include <optional>

#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/exponentials.h"
#include "training/losses/labels.h"
#include "training/losses/logistic.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "SparseCategoricalCrossentropy";

class SparseCategoricalCrossentropyLoss : public Loss {
 public:
  explicit SparseCategoricalCrossentropyLoss(const Config& config)
      : Loss(config), from_logits_(config.get("from_logits", false)) {
    require_known_keys(config, kClass, {"name", "reduction", "from_logits", "ignore_class", "axis"});
    require(config.get("axis", -1) == -1, "SparseCategoricalCrossentropy.axis",
            "classes lie on the last axis, -1. Got ", config.get("axis", -1), ".");
    const Config* ignored = config.find("ignore_class");
    if (ignored && !ignored->is_null()) ignored_ = ignored->as_int("ignore_class");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("sparse_categorical_crossentropy");
    config.set("from_logits", from_logits_);
    config.set("ignore_class", ignored_ ? Config(*ignored_) : Config());
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    return label_shape(target, prediction, kClass);
  }
  Head fuses_with() const override { return from_logits_ ? Head::None : Head::Softmax; }
  bool leaves_out() const override { return ignored_.has_value(); }
  void leave_out(const LossCall& call, float* counts) const override {
    for (int64_t v = 0; v < call.rows * (call.prediction_shape.count() / call.prediction_shape.back()); ++v)
      if (call.targets[v] == static_cast<float>(*ignored_)) counts[v] = 0;
  }
  void compute(const LossCall& call) const override {
    const int64_t classes = call.prediction_shape.back(), lines = call.prediction_shape.count() / classes;
    const float* input = call.logits ? call.logits : call.predictions;
    const bool on_logits = call.logits || from_logits_;
    for (int64_t v = 0; v < call.rows * lines; ++v) {
      float* gradient = call.gradient ? call.gradient + v * classes : nullptr;
      if (ignored_ && call.targets[v] == static_cast<float>(*ignored_)) {
        call.values[v] = 0;
        if (gradient) std::fill_n(gradient, classes, 0.0f);
        continue;
      }
      const int64_t label = checked_label(call, v, lines, classes, kClass);
      const float factor = gradient ? call.factors[v] : 0;
      call.values[v] = on_logits ? with_logits(input + v * classes, classes, label, gradient, factor)
                                 : with_probabilities(input + v * classes, classes, label, gradient, factor);
    }
  }

 private:
  static float with_logits(const float* x, int64_t classes, int64_t label, float* gradient, float factor) {
    const float top = largest_of(x, classes);
    const double total = exponentials(x, top, gradient, classes);
    if (gradient) {
      const float scale = static_cast<float>(factor / total);
      for (int64_t s = 0; s < classes; ++s) gradient[s] *= scale;
      gradient[label] -= factor;
    }
    return static_cast<float>(std::log(total) - (x[label] - top));
  }

  // Probabilities are clipped, then divided by their sum, as Keras on TensorFlow does for labels.
  static float with_probabilities(const float* p, int64_t classes, int64_t label, float* gradient, float factor) {
    double sum = 0;
    for (int64_t s = 0; s < classes; ++s) sum += clip_probability(p[s]);
    if (gradient) {
      const float even = static_cast<float>(1 / sum);
      for (int64_t s = 0; s < classes; ++s)
        gradient[s] = is_unclipped(p[s]) ? factor * (even - (s == label ? 1 / p[s] : 0.0f)) : 0.0f;
    }
    return static_cast<float>(std::log(sum) - std::log(clip_probability(p[label])));
  }

  bool from_logits_;
  std::optional<int64_t> ignored_;
};

const Register<Loss, SparseCategoricalCrossentropyLoss> registered{
    kClass,
    {"sparse_categorical_crossentropy", "scce", "SCCE"},
    {Config(Config::Object{}), Config::object({{"from_logits", true}}), Config::object({{"ignore_class", 1}})}};

}  // namespace

Spec SparseCategoricalCrossentropy(const SparseCategoricalCrossentropyOptions& options) {
  return loss_spec(kClass, options,
                   {{"from_logits", options.from_logits},
                    {"ignore_class", options.ignore_class ? Config(*options.ignore_class) : Config()}});
}

}  // namespace batchwise
