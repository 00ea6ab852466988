// Poisson loss: the mean of p - t log(p + 1e-7).
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "Poisson";
  static constexpr const char* kName = "poisson";
  static constexpr bool kMean = true;
  static float value(float t, float p) { return p - t * std::log(p + kEpsilon); }
  static float slope(float t, float p) { return 1 - t / (p + kEpsilon); }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass, {"poisson"}};

}  // namespace

Spec Poisson(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
