// Losses that look at one element at a time and average (or sum) over the last axis.
#pragma once

#include "base/known_keys.h"
#include "training/losses/pairing.h"

#include <batchwise/loss.h>

namespace batchwise {

inline constexpr float kEpsilon = 1e-7f;  // keras.config.epsilon()

// Unlike fmax, which would hide a value that is not a number: it stays one.
inline float at_least(float floor, float value) { return value < floor ? floor : value; }

// Maths: kClass, kName, kMean (false: the sum over the last axis), value(t, p) and slope(t, p) = d value / d p.
template <class Maths>
class PointwiseLoss : public Loss {
 public:
  explicit PointwiseLoss(const Config& config) : Loss(config) {
    require_known_keys(config, Maths::kClass, {"name", "reduction"});
  }
  PointwiseLoss(const Config& config, Maths maths) : Loss(config), maths_(maths) {}

  std::string_view class_name() const override { return Maths::kClass; }
  Config config() const override { return base_config(Maths::kName); }
  Shape value_shape(const Shape& target, const Shape& prediction) const override {
    return without_last(paired_shape(target, prediction, Maths::kClass));
  }
  void compute(const LossCall& call) const override {
    const int64_t size = paired_shape(call.target_shape, call.prediction_shape, Maths::kClass).back();
    const int64_t count = call.rows * call.prediction_shape.count() / size;
    const float scale = Maths::kMean ? 1.0f / static_cast<float>(size) : 1.0f;
    for (int64_t v = 0; v < count; ++v) {
      const float *t = call.targets + v * size, *p = call.predictions + v * size;
      double sum = 0;
      for (int64_t i = 0; i < size; ++i) sum += maths_.value(t[i], p[i]);
      call.values[v] = static_cast<float>(Maths::kMean ? sum / static_cast<double>(size) : sum);
      if (!call.gradient) continue;
      float* gradient = call.gradient + v * size;
      const float factor = call.factors[v] * scale;
      for (int64_t i = 0; i < size; ++i) gradient[i] = factor * maths_.slope(t[i], p[i]);
    }
  }

 protected:
  Maths maths_;
};

}  // namespace batchwise
