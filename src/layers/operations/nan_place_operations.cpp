// Places of extremes that pass over what is not a number: nanargmax, nanargmin; -1 where nothing is one.
#include <limits>

#include "kernels/reduction.h"
#include "kernels/relation.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

class NanPlaceOperation final : public Operation {
 public:
  NanPlaceOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis", "keepdims"}),
        axes_(key, config),
        largest_(last_word(key) == "Nanargmax"),
        keeps_(config.get("keepdims", false)) {
    require(axes_.count() == 1, key, "axis must be one axis of a sample. Got ", config.at("axis").text(), ".");
  }
  DType output_dtype(DType) const override { return DType::Int32; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return {axes_.reduced(one(inputs, form), keeps_)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const TensorType type = lowering.type(input);
    const Shape whole = axes_.reduced(type.shape, true);
    const Value valid =
        lowering.add1(make_relation_kernel("equal", {type, {}}, {type, {}}, lowering.grain()), {input, input});
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    const ElementwiseOperand last{{}, {largest_ ? -kInfinity : kInfinity}};
    const Value clean =
        lowering.add1(make_where_kernel(lowering.type(valid), {type, {}}, last, lowering.grain()), {valid, input});
    Value places = lowering.add1(make_extreme_place_kernel(largest_ ? "argmax" : "argmin", lowering.type(clean),
                                                           axes_.of(type.shape)[0], lowering.grain()),
                                 {clean});
    places = lowering.add1(make_view_kernel(lowering.type(places), whole, lowering.grain()), {places});
    // places where there are numbers, else -1: (places + 1) * any - 1.
    const Value any = axes_.along(lowering, "max", valid);
    const Value counted = whole_with_value(lowering, "multiply", whole_with_constant(lowering, "add", places, 1), any);
    return {axes_.finish(lowering, whole_with_constant(lowering, "add", counted, -1), type.shape, keeps_)};
  }

 private:
  ReducedAxes axes_;
  bool largest_, keeps_;
};

const bool registered = register_operations<NanPlaceOperation>({"ops.numpy.Nanargmax", "ops.numpy.Nanargmin"},
                                                               {Config::object({{"axis", -1}})});

}  // namespace
}  // namespace batchwise
