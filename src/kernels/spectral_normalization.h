// A kernel whose weight is divided by its largest singular value before each step of training.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// `kernel` with its weight `index`, of the canonical shape `weight`, replaced by weight / sigma; its other weights
// stay, and "vector_u" (1, last axis) comes behind them. Sigma is estimated anew each step from that vector, which the
// step leaves improved, as it leaves the weight divided: the update is made on what was used. As in Keras, no gradient
// goes through sigma.
std::unique_ptr<Kernel> make_spectral_normalization_kernel(std::unique_ptr<Kernel> kernel, int index, int weights,
                                                           const Shape& weight, int64_t iterations);

}  // namespace batchwise
