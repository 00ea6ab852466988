// Mean squared error: the mean of (p - t)^2.
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "MeanSquaredError";
  static constexpr const char* kName = "mean_squared_error";
  static constexpr bool kMean = true;
  static float value(float t, float p) { return (p - t) * (p - t); }
  static float slope(float t, float p) { return 2 * (p - t); }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass, {"mean_squared_error", "mse", "MSE"}};

}  // namespace

Spec MeanSquaredError(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
