// A function of two tensors, element by element, dimensions of 1 repeated; one of the two may be a constant.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <batchwise/array.h>
#include <batchwise/kernel.h>

namespace batchwise {

// A tensor of the program, or the same numbers for every sample.
struct ElementwiseOperand {
  TensorType type;              // of a constant: its shape, as far as it reaches from the right
  std::vector<float> constant;  // empty: a tensor
  bool is_constant() const { return !constant.empty(); }
};

// The shape that repeating dimensions of 1 gives, shorter shapes reaching from the right. Throws where they do not fit.
Shape repeated_shape(std::string_view where, const Shape& a, const Shape& b);

// "add", "subtract", "multiply", "divide", "maximum", "minimum", "power", "arctan2", "mod", .... Inputs: the operands
// that are tensors. REQUIRES: layouts agree; blocked ones only where keeps_padding(name) and no constant is added.
std::unique_ptr<Kernel> make_binary_kernel(std::string_view name, const ElementwiseOperand& a,
                                           const ElementwiseOperand& b, int64_t grain);
bool keeps_padding(std::string_view name);

}  // namespace batchwise
