// The exponentials in cross-entropies on logits, a row at a time, for the machine's instruction set.
#pragma once

#include <cstdint>

namespace batchwise {

// REQUIRES: count >= 1 in all of these.
float largest_of(const float* x, int64_t count);

// out[i] = exp(x[i] - top), and their sum. Null out: the sum alone.
double exponentials(const float* x, float top, float* out, int64_t count);

// Binary cross-entropies of logits x against targets keep * t + shift: their sum, and gradient[i] = factor times the
// derivative of each. Null gradient: the sum alone.
double logistic_losses(const float* t, float keep, float shift, const float* x, float factor, float* gradient,
                       int64_t count);

}  // namespace batchwise
