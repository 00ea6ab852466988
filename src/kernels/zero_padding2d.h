// Zeros around images.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

struct Border {
  int64_t top = 0, bottom = 0, left = 0, right = 0;
};

// type: (H, W, C) in any layout.
std::unique_ptr<Kernel> make_zero_padding2d_kernel(const Border& border, const TensorType& type, int64_t grain);

}  // namespace batchwise
