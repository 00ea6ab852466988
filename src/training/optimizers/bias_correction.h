// Powers of moment decays as Keras computes them: in float32, of the float32-rounded decay.
#pragma once

#include <cmath>
#include <cstdint>

namespace batchwise {

// 1 - decay^updates
inline float bias_correction(double decay, int64_t updates) {
  const float power =
      static_cast<float>(std::pow(static_cast<double>(static_cast<float>(decay)), static_cast<double>(updates)));
  return 1.0f - power;
}

}  // namespace batchwise
