// Sums, means, products and extremes along neighbouring axes.
#pragma once

#include <memory>
#include <string_view>

#include <batchwise/kernel.h>

namespace batchwise {

// "sum", "mean", "prod", "max", "min" along axes [first, last], which keep size 1 in the result. Where several elements
// are the extreme they share its gradient. REQUIRES: float32, type.channel_block 0.
std::unique_ptr<Kernel> make_reduction_kernel(std::string_view name, const TensorType& type, int first, int last,
                                              int64_t grain);

// "argmax", "argmin": the first place of the extreme along an axis, which is dropped, as int32.
std::unique_ptr<Kernel> make_extreme_place_kernel(std::string_view name, const TensorType& type, int axis,
                                                  int64_t grain);

}  // namespace batchwise
