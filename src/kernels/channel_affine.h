// Every channel scaled and shifted by weights of its own.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// Weights: gamma (when scale), beta (when center), one per channel, the last axis. Plain.
std::unique_ptr<Kernel> make_channel_affine_kernel(const TensorType& type, bool scale, bool center, int64_t grain);

}  // namespace batchwise
