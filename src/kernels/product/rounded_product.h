// The matrix product of float32 operands that are rounded to bfloat16 on their way in.
#pragma once

#include "kernels/product/bfloat16_product.h"

namespace batchwise {

// Bytes that the rounded operands of one piece at a time take. `rows`: of all groups; `depth`: segments * length.
int64_t rounding_bytes(int64_t rows, int64_t columns, int64_t depth);

// As multiply(product), of operands rounded into `rounding`, bytes as above; null: of the operands as they are.
// Allocates nothing. The bits of a row do not depend on the rows beside it.
void multiply(const Product& product, void* rounding);

// The same where B is rounded already, in panels of pairs of which each holds in_steps(depth) k.
int64_t rounding_bytes(int64_t rows, int64_t depth);
void multiply(const Product& product, const Bfloat16* pairs, void* rounding);

}  // namespace batchwise
