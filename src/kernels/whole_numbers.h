// Arithmetic of whole numbers: functions of two tensors element by element, and reductions. Results are int32 and wrap
// round where they overflow; gradients end.
#pragma once

#include <memory>
#include <string_view>

#include "kernels/binary.h"

namespace batchwise {

// A dtype that counts: int32, or bool, whose numbers are 0 and 1.
bool is_whole(DType dtype);

// "add", "subtract", "multiply", "floor_divide", "mod", "maximum", "minimum", "power", "bitwise_and", "bitwise_or",
// "bitwise_xor", "left_shift", "right_shift", "gcd", "lcm".
bool is_whole_function(std::string_view name);

// Inputs: the operands that are tensors, plain, of whole numbers. REQUIRES: constants are whole. An element that would
// be divided by 0 is an error that names `where`.
std::unique_ptr<Kernel> make_whole_number_kernel(std::string_view where, std::string_view name,
                                                 const ElementwiseOperand& a, const ElementwiseOperand& b,
                                                 int64_t grain);

// "sum", "prod", "max", "min" along axes [first, last], which keep size 1.
std::unique_ptr<Kernel> make_whole_reduction_kernel(std::string_view name, const TensorType& type, int first, int last,
                                                    int64_t grain);

}  // namespace batchwise
