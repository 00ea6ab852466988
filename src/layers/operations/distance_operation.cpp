// CDist: the distances of all vectors of one tensor to all of another.
#include "kernels/view.h"
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

class DistanceOperation final : public Operation {
 public:
  DistanceOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"x", "y"});
    require(inputs.size() == 2 && found[0].tensor == 0 && found[1].tensor == 1, key(),
            "the operation takes two tensors. Got ", inputs.size(), ".");
    const Shape &a = inputs[0], &b = inputs[1];
    bool fits = a.rank() == b.rank() && a.rank() >= 2 && a.back() == b.back();
    for (int axis = 0; fits && axis + 2 < a.rank(); ++axis) fits = a[axis] == b[axis];
    require(fits, key(), "samples must be stacks of vectors of one length. Got ", a, " and ", b, ".");
    Shape shape = a;
    shape[-1] = b[b.rank() - 2];
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const auto apart = [&](Value value, int from_behind) {
      const TensorType& type = lowering.type(value);
      std::vector<int64_t> dims(type.shape.begin(), type.shape.end());
      dims.insert(dims.end() - from_behind, 1);
      return lowering.add1(make_view_kernel(type, Shape(dims), lowering.grain()), {value});
    };
    const Value a = apart(as_floats(lowering, inputs[0]), 1), b = apart(as_floats(lowering, inputs[1]), 2);
    const Value squares = through(lowering, "square", with_value(lowering, "subtract", a, b));
    const Shape whole = lowering.type(squares).shape;
    const ReducedAxes last(key(), Config::object({{"axis", -1}}));
    const Value distances = through(lowering, "deviation", last.along(lowering, "sum", squares));
    return {last.finish(lowering, distances, whole, false)};
  }
};

const bool registered = register_operations<DistanceOperation>({"ops.math.CDist"});

}  // namespace
}  // namespace batchwise
