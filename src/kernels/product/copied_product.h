// Products of matrices whose columns lie in rows, with copies of what lies far apart.
#pragma once

#include "kernels/product/product.h"

namespace batchwise {

// Every step of k is in other lines of memory, which lie a power of two apart more often than not and take each other's
// place in the cache: the gradient of a weight. Worth it where there is enough to do with the copy.
bool is_worth_copying(const Product& product);

// The same bits as multiply_in_place. Takes up to 64 KiB of the stack. REQUIRES: is_worth_copying(product).
void multiply_copied(const Product& product);

}  // namespace batchwise
