// TakeAlongAxis: elements of an axis from places that another tensor or a constant says.
#include "kernels/gathering.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class TakeAlongAxisOperation final : public Operation {
 public:
  TakeAlongAxisOperation(const std::string& key, const Config& config) : Operation(key, config, {"axis"}) {
    const Config* axis = config.find("axis");
    require(axis && axis->is_int(), key, "axis must be one axis of a sample. Got ", axis ? axis->text() : "none", ".");
    axis_ = axis->as_int(key);
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"x", "indices"});
    require(inputs.size() == 2 && found[0].tensor == 0 && found[1].tensor == 1, key(),
            "the operation takes a tensor, and places as another. Got ", inputs.size(), " tensors.");
    const Shape &from = inputs[0], &places = inputs[1];
    const int axis = sample_axis(key(), axis_, from.rank());
    bool fits = from.rank() == places.rank();
    for (int a = 0; fits && a < from.rank(); ++a) fits = a == axis || from[a] == places[a];
    require(fits, key(), "the places must agree with the tensor in all other axes. Got ", from, " and ", places, ".");
    return {places};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]), places = lowering.plain(inputs[1]);
    const TensorType &type = lowering.type(input), &where = lowering.type(places);
    require(type.dtype == DType::Float32 && where.dtype == DType::Int32, key(),
            "the tensor must be float32 and the places int32: cast them. Got ", type.dtype, " and ", where.dtype, ".");
    return {lowering.add1(
        make_gathering_kernel(key(), type, where, sample_axis(key(), axis_, type.shape.rank()), lowering.grain()),
        {input, places})};
  }

 private:
  int64_t axis_ = 0;
};

const bool registered =
    register_operations<TakeAlongAxisOperation>({"ops.numpy.TakeAlongAxis"}, {Config::object({{"axis", -1}})});

}  // namespace
}  // namespace batchwise
