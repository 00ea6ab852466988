// The part of a product that one of several lanes computes.
#pragma once

#include <batchwise/kernel.h>

#include "kernels/product/product.h"

namespace batchwise {

// All shares together write what the whole would, to the bit: whole groups each, else rows of every group; columns
// where B is larger than A, so that no lane reads all of it. Allocates nothing. REQUIRES: neither accumulate nor
// c_padded.
void multiply(const Product& whole, const Share& share);

}  // namespace batchwise
