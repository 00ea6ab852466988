// Cosine similarity as a loss: minus the cosine of the angle between target and prediction.
#include <cmath>

#include "base/known_keys.h"
#include "training/losses/builder.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>
#include <batchwise/losses.h>

namespace batchwise {
namespace {

constexpr const char* kClass = "CosineSimilarity";
constexpr double kLeastLength = 1e-12;  // shorter vectors are divided by this

class CosineSimilarityLoss : public Loss {
 public:
  explicit CosineSimilarityLoss(const Config& config) : Loss(config), axis_(config.get("axis", -1)) {
    require_known_keys(config, kClass, {"name", "reduction", "axis"});
    require(axis_ != 0, "CosineSimilarity.axis", "axis must name a dimension of a sample; 0 is the batch. Got 0.");
  }
  std::string_view class_name() const override { return kClass; }
  Config config() const override {
    Config config = base_config("cosine_similarity");
    config.set("axis", axis_);
    return config;
  }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    return without_axis(paired_shape(target, prediction, kClass), axis_, kClass);
  }
  void compute(const LossCall& call) const override {
    const AxisView view = axis_view(paired_shape(call.target_shape, call.prediction_shape, kClass), axis_, kClass);
    for (int64_t o = 0; o < call.rows * view.outer; ++o)
      for (int64_t i = 0; i < view.inner; ++i) {
        const int64_t base = o * view.size * view.inner + i, v = o * view.inner + i;
        const float *t = call.targets + base, *p = call.predictions + base;
        double tt = 0, pp = 0, tp = 0;
        for (int64_t s = 0; s < view.size * view.inner; s += view.inner) {
          tt += static_cast<double>(t[s]) * t[s];
          pp += static_cast<double>(p[s]) * p[s];
          tp += static_cast<double>(t[s]) * p[s];
        }
        const double lt = std::sqrt(tt), lp = std::sqrt(pp), nt = lt < kLeastLength ? kLeastLength : lt,
                     np = lp < kLeastLength ? kLeastLength : lp;
        const double cosine = tp / (nt * np);
        call.values[v] = static_cast<float>(-cosine);
        if (!call.gradient) continue;
        const double bend = lp < kLeastLength ? 0 : cosine / pp;  // the length does not change below the least one
        for (int64_t s = 0; s < view.size * view.inner; s += view.inner)
          call.gradient[base + s] = call.factors[v] * static_cast<float>(p[s] * bend - t[s] / (nt * np));
      }
  }

 private:
  int64_t axis_;
};

const Register<Loss, CosineSimilarityLoss> registered{kClass, {"cosine_similarity"}};

}  // namespace

Spec CosineSimilarity(const CosineSimilarityOptions& options) {
  return loss_spec(kClass, options, {{"axis", options.axis}});
}

}  // namespace batchwise
