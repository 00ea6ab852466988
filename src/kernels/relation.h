// Yes or no about the elements of tensors: comparisons, logic; and choosing between tensors by it.
#pragma once

#include <memory>
#include <string_view>

#include "kernels/binary.h"

namespace batchwise {

// "equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor" of
// elements of any dtype, as bool. Inputs: the operands that are tensors.
bool is_relation(std::string_view name);
std::unique_ptr<Kernel> make_relation_kernel(std::string_view name, const ElementwiseOperand& a,
                                             const ElementwiseOperand& b, int64_t grain);

// Elements of any dtype as another: to bool, whether they are not 0; to integers, cut. The gradient passes between
// floats alone.
std::unique_ptr<Kernel> make_cast_kernel(const TensorType& type, DType to, int64_t grain);

// a where `condition` (bool or a number that is not 0) holds, else b.
std::unique_ptr<Kernel> make_where_kernel(const TensorType& condition, const ElementwiseOperand& a,
                                          const ElementwiseOperand& b, int64_t grain);

}  // namespace batchwise
