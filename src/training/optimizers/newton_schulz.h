// A matrix brought close to the nearest orthogonal one by Newton-Schulz steps of the fifth degree.
#pragma once

#include <cstdint>

namespace batchwise {

struct NewtonSchulz {
  double a = 3.4445, b = -4.775, c = 2.0315;  // X <- a X + (b A + c A A) X, with A = X X^T
  int64_t steps = 5;
};

// Replaces the row-major matrix `x`. `scratch`: newton_schulz_bytes.
void orthogonalise(const NewtonSchulz& how, float* x, int64_t rows, int64_t columns, void* scratch);
int64_t newton_schulz_bytes(int64_t rows, int64_t columns);

}  // namespace batchwise
