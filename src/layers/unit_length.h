// Vectors along an axis divided by their lengths.
#pragma once

#include <batchwise/layer.h>

namespace batchwise {

// x / sqrt(max(sum of x^2 along the axis, 1e-12)), as Keras's normalize. REQUIRES: a plain value.
Value lower_unit_length(Lowering& lowering, Value value, int axis);

}  // namespace batchwise
