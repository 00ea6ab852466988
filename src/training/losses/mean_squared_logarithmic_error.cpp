// Mean squared logarithmic error: the mean of (log(1 + p) - log(1 + t))^2, both at least 1e-7.
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "MeanSquaredLogarithmicError";
  static constexpr const char* kName = "mean_squared_logarithmic_error";
  static constexpr bool kMean = true;
  static float difference(float t, float p) {
    return std::log(at_least(kEpsilon, p) + 1) - std::log(at_least(kEpsilon, t) + 1);
  }
  static float value(float t, float p) {
    const float d = difference(t, p);
    return d * d;
  }
  static float slope(float t, float p) { return p >= kEpsilon ? 2 * difference(t, p) / (p + 1) : 0.0f; }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass,
                                                      {"mean_squared_logarithmic_error", "msle", "MSLE"}};

}  // namespace

Spec MeanSquaredLogarithmicError(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
