// The logistic function and label smoothing, shared by the cross-entropies.
#pragma once

#include <cmath>

#include <batchwise/config.h>
#include <batchwise/error.h>

namespace batchwise {

inline float sigmoid(float x) {
  const float tail = std::exp(-std::fabs(x));  // never overflows
  return x >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
}

inline float read_label_smoothing(const Config& config, std::string_view where) {
  const double amount = config.get("label_smoothing", 0.0);
  require(amount >= 0 && amount <= 1, where, "label_smoothing must lie in [0, 1]. Got ", amount, ".");
  return static_cast<float>(amount);
}

// keras.config.epsilon() and its complement as float32: what probabilities are clipped to.
inline constexpr float kLeastProbability = 1e-7f;
inline constexpr float kMostProbability = 1.0f - 1e-7f;
inline float clip_probability(float p) {
  return p < kLeastProbability ? kLeastProbability : p > kMostProbability ? kMostProbability : p;
}
inline bool is_unclipped(float p) { return p >= kLeastProbability && p <= kMostProbability; }

}  // namespace batchwise
