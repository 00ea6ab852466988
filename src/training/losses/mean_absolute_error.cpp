// Mean absolute error: the mean of |p - t|.
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "MeanAbsoluteError";
  static constexpr const char* kName = "mean_absolute_error";
  static constexpr bool kMean = true;
  static float value(float t, float p) { return std::fabs(p - t); }
  static float slope(float t, float p) { return p > t ? 1.0f : p < t ? -1.0f : p - t; }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass, {"mean_absolute_error", "mae", "MAE"}};

}  // namespace

Spec MeanAbsoluteError(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
