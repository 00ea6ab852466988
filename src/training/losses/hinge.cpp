// Hinge loss: the mean of max(1 - t p, 0); a target of 0 means -1.
#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "Hinge";
  static constexpr const char* kName = "hinge";
  static constexpr bool kMean = true;
  static float value(float t, float p) {
    const float sign =
        t == 0 ? -1.0f : t;  // Keras turns 0/1 into -1/1 when a whole batch is 0/1; here each element alone
    return at_least(0, 1 - sign * p);
  }
  static float slope(float t, float p) {
    const float sign = t == 0 ? -1.0f : t;
    return 1 - sign * p >= 0 ? -sign : 0.0f;
  }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass, {"hinge"}};

}  // namespace

Spec Hinge(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
