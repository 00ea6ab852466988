// Mean absolute percentage error: 100 times the mean of |p - t| / max(|t|, 1e-7).
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "MeanAbsolutePercentageError";
  static constexpr const char* kName = "mean_absolute_percentage_error";
  static constexpr bool kMean = true;
  static float value(float t, float p) { return 100 * (std::fabs(p - t) / std::fmax(std::fabs(t), kEpsilon)); }
  static float slope(float t, float p) {
    const float size = 100 / std::fmax(std::fabs(t), kEpsilon);
    return p > t ? size : p < t ? -size : size * (p - t);
  }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass,
                                                      {"mean_absolute_percentage_error", "mape", "MAPE"}};

}  // namespace

Spec MeanAbsolutePercentageError(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
