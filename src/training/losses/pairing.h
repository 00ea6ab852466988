// How the elements of targets and predictions are paired, and over which axis a loss runs.
#pragma once

#include <string_view>

#include <batchwise/shape.h>

namespace batchwise {

// The shape both are taken as, of rank >= 1: theirs when equal, else without a last axis of size 1 that only one of
// them has (Keras squeezes it). Broadcasting is refused: it would be an accident.
Shape paired_shape(const Shape& target, const Shape& prediction, std::string_view where);
Shape without_last(const Shape& shape);

// One axis of a sample: element (o, s, i) lies at (o * size + s) * inner + i, and gives value o * inner + i.
struct AxisView {
  int64_t outer = 1, size = 1, inner = 1;  // of one sample
};
// `axis` counts as in Keras, with the batch as axis 0. Throws for the batch and beyond.
AxisView axis_view(const Shape& shape, int64_t axis, std::string_view where);
Shape without_axis(const Shape& shape, int64_t axis, std::string_view where);

}  // namespace batchwise
