// Operations that ask whether numbers are numbers: isnan, isinf, isfinite.
#include <limits>

#include "kernels/relation.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class NumberStateOperation final : public Operation {
 public:
  NumberStateOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  DType output_dtype(DType) const override { return DType::Bool; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    require(type.dtype == DType::Float32, key(), "the tensor must be float32: cast it. Got ", type.dtype, ".");
    if (last_word(key()) == "Isnan")  // what nothing equals
      return {
          lowering.add1(make_relation_kernel("not_equal", {type, {}}, {type, {}}, lowering.grain()), {input, input})};
    const Value size = through(lowering, "abs", input);
    const ElementwiseOperand infinity{{}, {std::numeric_limits<float>::infinity()}};
    return {lowering.add1(
        make_relation_kernel(last_word(key()) == "Isinf" ? "equal" : "less", {type, {}}, infinity, lowering.grain()),
        {size})};
  }
};

const bool registered =
    register_operations<NumberStateOperation>({"ops.numpy.Isnan", "ops.numpy.Isinf", "ops.numpy.Isfinite"});

}  // namespace
}  // namespace batchwise
