// Numbers of categories as vectors: one for each number, or one bag for all numbers of the last axis.
#pragma once

#include <memory>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

enum class Encoding { OneHot, MultiHot, Count };

// Shapes of one sample: OneHot of (..., 1) or () -> (..., width), of (..., k) -> (..., k, width); bags of (..., k) ->
// (..., width). Inputs are int32, or float32 cut to whole numbers; numbers outside [0, width) count nowhere.
Shape encoded_shape(Encoding encoding, const Shape& input, int64_t width);

// `weights`: empty, or one factor per category. With `counted` a second input of the first one's shape says how much
// each number counts (Encoding::Count).
std::unique_ptr<Kernel> make_category_encoding_kernel(Encoding encoding, const TensorType& type, int64_t width,
                                                      std::vector<float> weights, bool counted, int64_t grain);

}  // namespace batchwise
