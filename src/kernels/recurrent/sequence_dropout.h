// Dropout that a sequence keeps: each sample draws once for all steps.
#pragma once

#include <cmath>
#include <cstdint>

#include <batchwise/kernel.h>

#include "base/random.h"
#include "kernels/simd/dropout.h"

namespace batchwise {

struct SequenceDropout {
  double rate = 0;
  uint64_t key = 0;

  // `values` factors for each of `samples`: 0, or 1 / (1 - rate).
  void draw(const SampleAddress& address, int variant, int64_t samples, int64_t values, float* factors) const {
    const uint64_t all = mix(mix(address.seed, key), static_cast<uint64_t>(variant));
    const auto threshold = static_cast<uint32_t>(std::ceil(rate * 0x1p24));
    for (int64_t i = 0; i < samples * values; ++i) factors[i] = 1;
    for (int64_t row = 0; row < samples; ++row)
      drop_elements(factors + row * values, factors + row * values, values, all,
                    address.first_sample + static_cast<uint64_t>(row), threshold, static_cast<float>(1 / (1 - rate)));
  }
};

}  // namespace batchwise
