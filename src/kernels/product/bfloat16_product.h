// The matrix product of bfloat16 operands: C = A * B, summed in float32.
#pragma once

#include <string>

#include "kernels/product/product.h"

namespace batchwise {

using Bfloat16 = uint16_t;  // the upper half of a float's bits

// Instructions multiply neighbouring k by pairs and take steps of at most 32. The next length that falls into equal
// steps of whole pairs: what a stretch of k is padded to, with zeros.
int64_t in_steps(int64_t length);

// As Product, with both operands rounded already. The bits of an element depend on its sum alone, not on the rows and
// columns beside it; which they are depends on bfloat16_instructions().
struct Bfloat16Product {
  int64_t rows = 0;  // per group
  int64_t columns = 0;
  int64_t groups = 1;
  const int64_t* a_groups = nullptr;
  const int64_t* c_groups = nullptr;

  // A(i, k), k = segment * length + j, lies at a[i * a_row + a_segments[segment] + j].
  const Bfloat16* a = nullptr;
  int64_t a_row = 0;
  const int64_t* a_segments = nullptr;
  int64_t segments = 1;
  int64_t length = 0;  // REQUIRES: in_steps(length) == length

  // Panels of pairs: B(k, 16 p + j) lies at b[p * b_panel + (k / 2) * 32 + 2 * j + k % 2].
  const Bfloat16* b = nullptr;
  int64_t b_panel = 0;

  float* c = nullptr;
  int64_t c_row = 0;
  int64_t c_panel = kPanel;

  bool c_padded = false;
  bool accumulate = false;
  bool relu = false;
  const float* bias = nullptr;
};

// Allocates nothing.
void multiply(const Bfloat16Product& product);

std::string bfloat16_instructions();  // "amx_bf16", "avx512_bf16", or "" where they are made of float32's

// The ways there are, for tests: whether this machine has them, and the product done so.
enum class Bfloat16Way { Float32, Avx512, Amx };
bool has(Bfloat16Way way);
void multiply(const Bfloat16Product& product, Bfloat16Way way);  // REQUIRES: has(way)

}  // namespace batchwise
