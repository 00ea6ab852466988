// Kullback-Leibler divergence: the sum of t log(t / p), both clipped to [1e-7, 1].
#include <algorithm>
#include <cmath>

#include "training/losses/builder.h"
#include "training/losses/pointwise.h"

#include <batchwise/losses.h>

namespace batchwise {
namespace {

struct Maths {
  static constexpr const char* kClass = "KLDivergence";
  static constexpr const char* kName = "kl_divergence";
  static constexpr bool kMean = false;
  static float value(float t, float p) {
    t = std::clamp(t, kEpsilon, 1.0f);
    return t * std::log(t / std::clamp(p, kEpsilon, 1.0f));
  }
  static float slope(float t, float p) { return p >= kEpsilon && p <= 1 ? -std::clamp(t, kEpsilon, 1.0f) / p : 0.0f; }
};

const Register<Loss, PointwiseLoss<Maths>> registered{Maths::kClass,
                                                      {"kl_divergence", "kld", "KLD", "kullback_leibler_divergence"}};

}  // namespace

Spec KLDivergence(const LossOptions& options) { return loss_spec(Maths::kClass, options); }

}  // namespace batchwise
