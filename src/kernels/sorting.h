// Elements along an axis in order, with the places that they had.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

struct SortOptions {
  TensorType type;  // REQUIRES: float32, channel_block 0
  int axis = 0;
  int64_t count = 0;        // of the first elements in order; the axis has that size in the results
  bool descending = false;  // equal elements keep their order either way; NaN comes last
  int64_t grain = 1;
};

// Two outputs: the elements, and their places as int32.
std::unique_ptr<Kernel> make_sort_kernel(const SortOptions& options);

}  // namespace batchwise
