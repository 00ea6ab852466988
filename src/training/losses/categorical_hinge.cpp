// Categorical hinge: max(0, 1 + the largest prediction of a wrong class - the prediction of the right one).
#include <cmath>

#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "CategoricalHinge";

class CategoricalHingeLoss : public Loss {
 public:
  explicit CategoricalHingeLoss(const Config& config) : Loss(config) {
    require_known_keys(config, kClass, {"name", "reduction"});
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override { return base_config("categorical_hinge"); }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    return without_last(paired_shape(target, prediction, kClass));
  }
  void compute(const LossCall& call) const override {
    const int64_t size = paired_shape(call.target_shape, call.prediction_shape, kClass).back();
    for (int64_t v = 0; v < call.rows * call.prediction_shape.count() / size; ++v) {
      const float *t = call.targets + v * size, *p = call.predictions + v * size;
      double right = 0;
      float wrong = (1 - t[0]) * p[0];
      int64_t ties = 0;
      for (int64_t i = 0; i < size; ++i) {
        right += static_cast<double>(t[i]) * p[i];
        wrong = std::fmax(wrong, (1 - t[i]) * p[i]);
      }
      for (int64_t i = 0; i < size; ++i) ties += (1 - t[i]) * p[i] == wrong;
      const float gap = static_cast<float>(wrong - right) + 1;
      call.values[v] = std::isnan(gap) ? gap : std::fmax(gap, 0.0f);
      if (!call.gradient) continue;
      for (int64_t i = 0; i < size; ++i) {
        const float share = (1 - t[i]) * p[i] == wrong ? (1 - t[i]) / static_cast<float>(ties) : 0.0f;
        call.gradient[v * size + i] = gap > 0 ? call.factors[v] * (share - t[i]) : 0.0f;
      }
    }
  }
};

const Register<Loss, CategoricalHingeLoss> registered{kClass, {"categorical_hinge"}};

}  // namespace

Spec CategoricalHinge(const LossOptions& options) { return loss_spec(kClass, options); }

}  // namespace batchwise
