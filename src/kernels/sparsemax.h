// Sparsemax as Keras computes it, along one axis or several neighbouring ones.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

// max(x - tau, 0), where tau = (the sum of the running sums of the k largest - 1) / k, and k of them are more than the
// mean of those up to them, less 1 shared out. The projection on the simplex has the k-th running sum alone in tau: the
// two agree where k is 1. REQUIRES: type.channel_block 0, axes [first, last] of the shape of one sample.
std::unique_ptr<Kernel> make_sparsemax_kernel(const TensorType& type, int64_t grain, int first, int last);

}  // namespace batchwise
