// NonNeg: weights below 0 become 0.
#include <algorithm>

#include "base/known_keys.h"

#include <batchwise/optimizer.h>
#include <batchwise/optimizers.h>

namespace batchwise {
namespace {

class NonNegConstraint : public Constraint {
 public:
  explicit NonNegConstraint(const Config& config) { require_known_keys(config, "NonNeg", {}); }
  std::string_view class_name() const override { return "NonNeg"; }
  Config config() const override { return Config(Config::Object{}); }
  void apply(const Shape& variable, float* weights) const override {
    const int64_t count = variable.count();
    for (int64_t i = 0; i < count; ++i) weights[i] = std::max(weights[i], 0.0f);
  }
};

const Register<Constraint, NonNegConstraint> registered{"NonNeg", {"non_neg", "nonneg"}};

}  // namespace

namespace constraints {
Spec NonNeg() { return Spec("NonNeg"); }
}  // namespace constraints

}  // namespace batchwise
