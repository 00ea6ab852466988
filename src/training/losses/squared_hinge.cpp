// Squared hinge loss: the mean of max(1 - t p, 0)^2; a target of 0 means -1.
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "SquaredHinge";
  static constexpr const char* kName = "squared_hinge";
  static constexpr bool kMean = true;
  static float value(float t, float p) {
    const float sign = t == 0 ? -1.0f : t, gap = std::fmax(1 - sign * p, 0.0f);
    return gap * gap;
  }
  static float slope(float t, float p) {
    const float sign = t == 0 ? -1.0f : t;
    return -2 * sign * std::fmax(1 - sign * p, 0.0f);
  }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass, {"squared_hinge"}};

}  // namespace

Spec SquaredHinge(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
