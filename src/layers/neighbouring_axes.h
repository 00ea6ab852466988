// The axes that a normalisation is over: neighbours, as Keras names them.
#pragma once

#include <string_view>
#include <vector>

#include <batchwise/config.h>
#include <batchwise/shape.h>

namespace batchwise {

struct AxisRange {
  int first = 0, last = 0;  // of the shape of one sample

  Shape shape_of(const Shape& sample) const;  // of these axes
};

// "axis": a number or a list of them.
std::vector<int64_t> axes_of(std::string_view layer, const Config& config, int64_t otherwise);
// Throws unless the axes are neighbours, none the batch's, none empty.
AxisRange axis_range(std::string_view layer, const std::vector<int64_t>& axes, const Shape& sample);

}  // namespace batchwise
