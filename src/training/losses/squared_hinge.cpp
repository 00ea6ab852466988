// Squared hinge loss: the mean of max(1 - t p, 0)^2; a target of 0 means -1.
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
    const float sign = t == 0 ? -1.0f : t, gap = at_least(0, 1 - sign * p);
    return gap * gap;
  }
  static float slope(float t, float p) {
    const float sign = t == 0 ? -1.0f : t;
    return -2 * sign * at_least(0, 1 - sign * p);
  }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass, {"squared_hinge"}};

}  // namespace

Spec SquaredHinge(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
