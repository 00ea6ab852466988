// x * scale + offset.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// One number each, or one per channel. The input is float32 or (plain) uint8, the output float32.
std::unique_ptr<Kernel> make_rescaling_kernel(const std::vector<float>& scale, const std::vector<float>& offset,
                                              const TensorType& type, int64_t grain);

}  // namespace batchwise
