// The gradient on its way into a product: through a fused ReLU, and summed over rows for the bias.
#pragma once

#include <cstdint>

namespace batchwise {

// For a (rows, columns) gradient: zeroes it where `outputs` (null: no ReLU) is not positive, and writes the sums of its
// columns to `sums` (null: none). Sums of 128 rows are added in the order of rows, whatever the instruction set.
// Allocates nothing. `row`: floats from one row to the next, where the columns are some of many.
void finish_gradient(float* gradient, const float* outputs, int64_t rows, int64_t columns, float* sums);
void finish_columns(float* gradient, const float* outputs, int64_t rows, int64_t row, int64_t columns, float* sums);

// The sums of the columns alone, in the same order.
void sum_columns(const float* values, int64_t rows, int64_t columns, float* sums);

}  // namespace batchwise
