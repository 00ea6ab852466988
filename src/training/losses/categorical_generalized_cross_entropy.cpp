// Generalised cross-entropy against class labels: (1 - p^q) / q, robust to wrong labels.
#include <algorithm>

#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/labels.h"
#include "training/losses/logistic.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "CategoricalGeneralizedCrossEntropy";

class GeneralizedCrossEntropyLoss : public Loss {
 public:
  explicit GeneralizedCrossEntropyLoss(const Config& config)
      : Loss(config), q_(static_cast<float>(config.get("q", 0.5))) {
    require_known_keys(config, kClass, {"name", "reduction", "q"});
    require(q_ > 0 && q_ < 1, "CategoricalGeneralizedCrossEntropy.q", "q must lie in (0, 1). Got ", q_, ".");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("categorical_generalized_cross_entropy");
    config.set("q", q_);
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    return label_shape(target, prediction, kClass);
  }
  void compute(const LossCall& call) const override {
    const int64_t classes = call.prediction_shape.back(), lines = call.prediction_shape.count() / classes;
    for (int64_t v = 0; v < call.rows * lines; ++v) {
      const int64_t label = checked_label(call, v, lines, classes, kClass);
      const float p = call.predictions[v * classes + label], c = clip_probability(p);
      call.values[v] = (1 - std::pow(c, q_)) / q_;
      if (!call.gradient) continue;
      std::fill_n(call.gradient + v * classes, classes, 0.0f);
      if (is_unclipped(p)) call.gradient[v * classes + label] = -call.factors[v] * std::pow(p, q_ - 1);
    }
  }

 private:
  float q_;
};

const Register<Loss, GeneralizedCrossEntropyLoss> registered{kClass, {"categorical_generalized_cross_entropy"}};

}  // namespace

Spec CategoricalGeneralizedCrossEntropy(const CategoricalGeneralizedCrossEntropyOptions& options) {
  return loss_spec(kClass, options, {{"q", options.q}});
}

}  // namespace batchwise
