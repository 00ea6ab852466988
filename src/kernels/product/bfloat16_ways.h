// What the machine has for bfloat16, and the product by its tiles.
#pragma once

#include "kernels/product/bfloat16_product.h"

namespace batchwise {

bool has_avx512_bf16();
bool has_amx();                                     // and the system lets this process use it
void multiply_amx(const Bfloat16Product& product);  // REQUIRES: has_amx(); something to sum

}  // namespace batchwise
