// Two directions of a sequence as one: their product or their mean.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

enum class DirectionMerge { Product, Mean };

// Two inputs of one type.
std::unique_ptr<Kernel> make_direction_merge_kernel(DirectionMerge merge, const TensorType& type, int64_t grain);

}  // namespace batchwise
