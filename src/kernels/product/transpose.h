// The transpose of a block of one panel: what turns one kind of panels into the other.
#pragma once

namespace batchwise {

// 16 x 16 floats, row-major. Allocates nothing.
void transpose_block(const float* from, float* to);

}  // namespace batchwise
