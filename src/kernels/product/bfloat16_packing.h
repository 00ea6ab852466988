// Rounding to bfloat16 on the way into a product: as rows, as rows of the transpose, and as panels of pairs.
#pragma once

#include "kernels/product/bfloat16_product.h"

namespace batchwise {

// All round to nearest even and allocate nothing. Strides count elements.

// A run of `count` values.
void round_values(const float* from, int64_t count, Bfloat16* to);

// (rows, columns) at `from_row` apart into rows `to_row` apart, each padded with zeros up to `depth` elements.
void round_rows(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                int64_t depth);

// The transpose of (rows, columns): `columns` rows of `rows` values, padded as above.
void round_transposed(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                      int64_t depth);

// The same of rows that lie anywhere, at most 32.
void round_transposed(const float* const* from, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                      int64_t depth);

// (rows, columns) as the product's B: pairs of rows in panels `to_panel` apart, zeros behind the columns and from
// `rows` up to `depth`, which is even.
void round_pairs(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_panel,
                 int64_t depth);

}  // namespace batchwise
