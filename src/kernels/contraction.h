// The general product of two tensors: what einsum, matmul and dot are, and dense layers with odd axes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <batchwise/kernel.h>

namespace batchwise {

// One letter for each axis of one sample: {"td", "dhk", "thk"}. Letters that the result lacks are summed over.
struct Equation {
  std::string a, b, result;
};

struct ContractionOptions {
  Equation equation;
  TensorType a = {};
  Shape b;                      // of one sample, or of the weight or the constant
  bool b_is_weight = false;     // else the second input
  std::vector<float> constant;  // b, the same for every sample; empty: a tensor or a weight
  bool learns = true;
  bool bfloat16 = false;  // operands are rounded, sums are not
  int64_t grain = 1;
};

// Throws where the sizes of a letter differ. REQUIRES: every letter of the result is in a or in b, once.
Shape contraction_shape(std::string_view where, const Equation& equation, const Shape& a, const Shape& b);
std::unique_ptr<Kernel> make_contraction_kernel(const ContractionOptions& options);

// y = x + bias, the bias having some of the axes of x. `letters`: of x; `bias_letters`: of the weight.
std::unique_ptr<Kernel> make_axes_bias_kernel(const TensorType& type, const std::string& letters,
                                              const std::string& bias_letters, int64_t grain);

}  // namespace batchwise
