// The loops of a bilinear resize: along one row, and along two rows that make one output row.
#pragma once

#include <cstdint>

#include "images/resize_axis.h"

namespace batchwise {

// As resize_along_row, for a linear axis.
void linear_along_row(const ResizeAxis& columns, int channels, const uint8_t* row, float* out);

// The same along two rows, then from `above` to `below` by `t`: the bits are those of one after the other. Writes
// nothing behind the output row.
void linear_of_two_rows(const ResizeAxis& columns, int channels, const uint8_t* above, const uint8_t* below, float t,
                        float* out);

}  // namespace batchwise
