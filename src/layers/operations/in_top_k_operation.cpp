// InTopK: whether fewer than k predictions of a sample are above the one of its target.
#include "kernels/gathering.h"
#include "kernels/relation.h"
#include "kernels/view.h"
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

class InTopKOperation final : public Operation {
 public:
  InTopKOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"k"}), k_(config.at("k").as_int(key)) {
    require(k_ > 0, key, "k must be positive. Got ", k_, ".");
  }
  std::vector<DType> call_dtypes(const std::vector<DType>&, const CallForm&, size_t) const override {
    return {DType::Bool};
  }
  DType output_dtype(DType) const override { return DType::Bool; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"targets", "predictions"});
    require(inputs.size() == 2 && found[0].tensor == 0 && inputs[0].rank() == 0 && inputs[1].rank() == 1, key(),
            "samples must have one target and a prediction for each class. Got ", inputs.size(), " tensors.");
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value target = lowering.plain(inputs[0]), all = as_floats(lowering, inputs[1]);
    require(lowering.type(target).dtype == DType::Int32, key(), "targets must be int32: cast them. Got ",
            lowering.type(target).dtype, ".");
    const Value place = lowering.add1(make_view_kernel(lowering.type(target), Shape{1}, lowering.grain()), {target});
    const Value own = lowering.add1(
        make_gathering_kernel(key(), lowering.type(all), lowering.type(place), 0, lowering.grain()), {all, place});
    const Value above = lowering.add1(
        make_relation_kernel("greater", {lowering.type(all), {}}, {lowering.type(own), {}}, lowering.grain()),
        {all, own});
    const ReducedAxes classes(key(), Config::object({{"axis", 1}}));
    const Value count = classes.along(lowering, "sum", above);
    const ElementwiseOperand most{{}, {static_cast<float>(k_)}};
    const Value holds =
        lowering.add1(make_relation_kernel("less", {lowering.type(count), {}}, most, lowering.grain()), {count});
    return {lowering.add1(make_view_kernel(lowering.type(holds), Shape(), lowering.grain()), {holds})};
  }

 private:
  int64_t k_;
};

const bool registered = register_operations<InTopKOperation>({"ops.math.InTopK"}, {Config::object({{"k", 2}})});

}  // namespace
}  // namespace batchwise
