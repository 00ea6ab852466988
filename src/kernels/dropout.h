// Dropout: nothing is stored, the backward pass draws the same numbers again.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// rate in (0, 1]. `key` addresses the layer's randomness: samples and the run's seed come with the calls.
std::unique_ptr<Kernel> make_dropout_kernel(double rate, uint64_t key, const TensorType& type, int64_t grain);

}  // namespace batchwise
