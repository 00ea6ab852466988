// Vectors along an axis divided by their lengths.
#include "layers/unit_length.h"

#include "kernels/binary.h"
#include "kernels/reduction.h"

namespace batchwise {

Value lower_unit_length(Lowering& lowering, Value value, int axis) {
  const int64_t grain = lowering.grain();
  const auto with_constant = [&](const char* function, Value v, float constant) {
    return lowering.add1(make_binary_kernel(function, {lowering.type(v), {}}, {{}, {constant}}, grain), {v});
  };
  const TensorType type = lowering.type(value);
  const Value squares = lowering.add1(make_binary_kernel("multiply", {type, {}}, {type, {}}, grain), {value, value});
  const Value sum = lowering.add1(make_reduction_kernel("sum", type, axis, axis, grain), {squares});
  const Value inverse = with_constant("power", with_constant("maximum", sum, 1e-12f), -0.5f);
  return lowering.add1(make_binary_kernel("multiply", {type, {}}, {lowering.type(inverse), {}}, grain),
                       {value, inverse});
}

}  // namespace batchwise
