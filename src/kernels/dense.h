// The dense product with bias and an optional fused ReLU, on the last axis.
#pragma once

#include <memory>

#include <batchwise/kernel.h>

namespace batchwise {

struct DenseKernelOptions {
  TensorType input;  // plain, any rank >= 1: positions x inputs
  int64_t units = 0;
  int64_t grain = 1;
  bool bias = true;
  bool relu = false;
  bool learns = true;          // somebody wants the gradients of the weights
  bool input_gradient = true;  // somebody wants the gradient of the input
  bool bfloat16 = false;       // operands of the products are rounded, sums are not
};

// Weights: kernel (inputs, units) and, with bias, bias (units).
std::unique_ptr<Kernel> make_dense_kernel(const DenseKernelOptions& options);

}  // namespace batchwise
