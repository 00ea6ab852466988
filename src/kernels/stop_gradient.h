// A tensor that passes forward alone.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

std::unique_ptr<Kernel> make_stop_gradient_kernel(const TensorType& type, int64_t grain);

}  // namespace batchwise
