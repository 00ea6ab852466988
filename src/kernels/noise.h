// Noise while training: y = x * m + c with random m and c, drawn once for each element or for several together.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

enum class Noise {
  Dropout,          // m: 0 with probability `rate`, else 1 / (1 - rate)
  AlphaDropout,     // keeps mean and variance of what selu gives
  GaussianDropout,  // m: normal around 1, of standard deviation sqrt(rate / (1 - rate))
  GaussianNoise,    // c: normal around 0, of standard deviation `rate`
};

// `shape`: that of the noise, dimensions of 1 repeated. `key` addresses the randomness, which backward draws again.
// REQUIRES: type.channel_block 0; rate in (0, 1], below 1 where a normal distribution would have none.
std::unique_ptr<Kernel> make_noise_kernel(Noise noise, double rate, const Shape& shape, uint64_t key,
                                          const TensorType& type, int64_t grain);

}  // namespace batchwise
