// Average: the mean along axes, each element counting as much as its weight.
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

class AverageOperation final : public Operation {
 public:
  AverageOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis"}), axes_(key, config) {}
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"x", "weights"});
    require(found[0].tensor == 0, key(), "the operation takes a tensor. Got ", inputs.size(), ".");
    if (found[1].tensor > 0)
      require(inputs[1] == inputs[0], key(), "weights must have the shape of the tensor. Got ", inputs[1], " for ",
              inputs[0], ".");
    else if (found[1].given()) weights(inputs[0], found[1]);
    return {axes_.reduced(inputs[0], false)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const auto found = operands(lowering.call_form(), inputs.size(), {"x", "weights"});
    const Value input = as_floats(lowering, inputs[0]);
    const TensorType type = lowering.type(input);
    const auto sum = [&](Value value) { return axes_.along(lowering, "sum", value); };
    if (!found[1].given()) return {axes_.finish(lowering, axes_.along(lowering, "mean", input), type.shape, false)};
    if (found[1].tensor > 0) {
      const Value counts = as_floats(lowering, inputs[1]);
      const Value whole =
          with_value(lowering, "divide", sum(with_value(lowering, "multiply", input, counts)), sum(counts));
      return {axes_.finish(lowering, whole, type.shape, false)};
    }
    const ElementwiseOperand counts = weights(type.shape, found[1]);
    float total = 0;
    for (const float weight : counts.constant) total += weight;
    const Value product = lowering.add1(make_binary_kernel("multiply", {type, {}}, counts, lowering.grain()), {input});
    const Value result = with_constant(lowering, "divide", sum(product), total);
    return {axes_.finish(lowering, result, type.shape, false)};
  }

 private:
  // A number for each place of the one axis, as a shape that repeats along the others.
  ElementwiseOperand weights(const Shape& shape, const Operand& operand) const {
    ElementwiseOperand counts = constant_operand(key(), operand.constant, shape.rank());
    const std::vector<int> axes = axes_.of(shape);
    const bool fits = counts.type.shape.rank() == 1 && axes.size() == 1 && counts.type.shape[0] == shape[axes[0]];
    require(fits, key(), "weights that are constants must be one number for each place of one axis. Got ",
            counts.type.shape, " for ", shape, ".");
    std::vector<int64_t> dims(static_cast<size_t>(shape.rank() - axes[0]), 1);
    dims[0] = counts.type.shape[0];
    counts.type.shape = Shape(dims);
    return counts;
  }
  ReducedAxes axes_;
};

const bool registered = register_operations<AverageOperation>(
    {"ops.numpy.Average"}, {Config::object({{"axis", -1}}), Config::object({{"axis", Config::List{1, -1}}})});

}  // namespace
}  // namespace batchwise
