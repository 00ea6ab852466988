// Log-cosh: the mean of log(cosh(p - t)), which is quadratic near 0 and linear far away.
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "LogCosh";
  static constexpr const char* kName = "log_cosh";
  static constexpr bool kMean = true;
  static constexpr float kLog2 = 0.69314718f;
  static float value(float t, float p) {
    const float x = std::fabs(p - t);
    return x + std::log1p(std::exp(-2 * x)) - kLog2;
  }
  static float slope(float t, float p) { return std::tanh(p - t); }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass, {"log_cosh", "logcosh"}};

}  // namespace

Spec LogCosh(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
