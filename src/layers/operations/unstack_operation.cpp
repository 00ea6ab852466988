// Unstack: a tensor for each place of an axis, which goes.
#include "kernels/arrangement.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class UnstackOperation final : public Operation {
 public:
  UnstackOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"num", "axis"}), axis_(config.get("axis", 0)) {}
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    const int64_t size = shape[sample_axis(key(), axis_, shape.rank())], stated = config().get("num", size);
    require(stated == size, key(), "num must be the size of the axis, ", size, ". Got ", stated, ".");
    return Shapes(static_cast<size_t>(size), chosen(shape, 0).shape);
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    std::vector<Value> parts;
    for (int64_t i = 0; i < type.shape[sample_axis(key(), axis_, type.shape.rank())]; ++i)
      parts.push_back(lowering.add1(
          make_rearrange_kernel("unstack", type, chosen(type.shape, i).elements(), lowering.grain()), {input}));
    return parts;
  }

 private:
  Arrangement chosen(const Shape& shape, int64_t place) const {
    Arrangement elements(shape);
    const int axis = sample_axis(key(), axis_, shape.rank());
    elements.slice(axis, place, 1, 1);
    elements.drop(axis);
    return elements;
  }
  int64_t axis_;
};

const bool registered = register_operations<UnstackOperation>(
    {"ops.core.Unstack"}, {Config::object({{"axis", 1}}), Config::object({{"num", 3}, {"axis", -1}})});

}  // namespace
}  // namespace batchwise
