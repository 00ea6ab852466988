// Normalising rows of numbers to mean 0 and variance 1, for the machine's instruction set.
#pragma once

#include <cstdint>

namespace batchwise {

// Mean of the row and 1 / sqrt(variance + epsilon).
struct RowMoments {
  float mean, inverse;
};

struct RowNormalization {
  // about_zero: the mean is taken to be 0, so that the mean of the squares stands for the variance.
  RowMoments (*measure)(const float* x, int64_t length, double epsilon, bool about_zero);
  // y = (x - centre) * inverse * gamma + beta. gamma and beta may be null; y may be x.
  void (*apply)(const float* x, float* y, int64_t length, float centre, float inverse, const float* gamma,
                const float* beta);
  // dx from dy, where y came from the mean as centre, or from 0 when not `centred`. dgamma, dbeta are added to; gamma,
  // dx, dgamma, dbeta may be null; dx may be dy.
  void (*backward)(const float* dy, const float* x, float* dx, int64_t length, RowMoments moments, bool centred,
                   const float* gamma, float* dgamma, float* dbeta);
};

const RowNormalization& row_normalization();

}  // namespace batchwise
