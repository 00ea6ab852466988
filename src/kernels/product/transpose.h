// Transposes: of a block of one panel, which turns one kind of panels into the other, and of rows that lie apart.
#pragma once

#include <cstdint>

namespace batchwise {

// 16 x 16 floats, row-major. Allocates nothing.
void transpose_block(const float* from, float* to);

// to[c * rows + r] = from[r * step + c]. Allocates nothing.
void transpose_rows(const float* from, int64_t step, int64_t rows, int64_t columns, float* to);

}  // namespace batchwise
