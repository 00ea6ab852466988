// The two loops of a resize: along a row of pixels, and across rows.
#pragma once

#include <cstdint>

#include "images/resize_axis.h"

namespace batchwise {

constexpr int64_t kRowSlack = 16;  // elements behind a row that these loops may read or write without meaning

// One output row's worth of columns: from bytes of `channels` interleaved channels to floats. Without fused
// multiply-adds, so that pixels have the same bits on every machine.
// REQUIRES: the axis was planned with a step of `channels`; kRowSlack elements lie behind both rows.
void resize_along_row(const ResizeAxis& columns, int channels, const uint8_t* row, float* out);

// out[i] = the rows' elements i, weighted for output `o` of the axis; rows[k] is tap k.
void resize_across_rows(const ResizeAxis& axis, int64_t o, const float* const* rows, float* out, int64_t count);

}  // namespace batchwise
