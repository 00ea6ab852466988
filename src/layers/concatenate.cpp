// Concatenate: its inputs one after another along an axis.
#include "kernels/concatenate.h"
#include "kernels/rearrange.h"
#include "kernels/relation.h"

#include <algorithm>

#include "layers/arguments.h"
#include "layers/merge.h"

namespace batchwise {
namespace {

class ConcatenateLayer final : public Layer {
 public:
  explicit ConcatenateLayer(const Config& config) {
    require_known_keys("Concatenate", config, {"axis"});
    axis_ = config.get("axis", -1);
  }
  std::string_view class_name() const override { return "Concatenate"; }
  Config config() const override { return Config::object({{"axis", axis_}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    require_several_inputs("Concatenate", inputs);
    Shape whole = inputs[0];
    const int axis = sample_axis("Concatenate", axis_, whole.rank());
    for (size_t i = 1; i < inputs.size(); ++i) {
      Shape other = inputs[i];
      bool fits = other.rank() == whole.rank();
      for (int a = 0; fits && a < whole.rank(); ++a) fits = a == axis || other[a] == whole[a];
      require(fits, "Concatenate", "inputs must agree in all dimensions but the axis ", axis_, ". Got ", inputs[0],
              " and ", other, ".");
      whole[axis] += other[axis];
    }
    return {whole};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const int rank = lowering.type(inputs[0]).shape.rank(), axis = sample_axis("Concatenate", axis_, rank);
    int block = 0;
    for (Value value : inputs) block = std::max(block, lowering.type(value).channel_block);
    for (Value value : inputs)
      if (block && axis == rank - 1 && lowering.type(value).shape.back() % block != 0) block = 0;
    std::vector<Value> values;
    std::vector<TensorType> types;
    for (Value value : inputs) {
      // Of one kind they are moved as they are; else all become float32.
      const Value kept = of_one_dtype(lowering, inputs) ? value : as_numbers(lowering, value);
      values.push_back(lowering.in_layout(kept, block));
      types.push_back(lowering.type(values.back()));
    }
    const Value whole = lowering.add1(make_concatenate_kernel(types, axis, lowering.grain()), values);
    if (const Value mask = whole_mask(lowering, inputs, axis); mask.index >= 0) lowering.set_mask(whole, mask);
    return {whole};
  }

 private:
  static bool of_one_dtype(const Lowering& lowering, std::span<const Value> inputs) {
    return std::all_of(inputs.begin(), inputs.end(),
                       [&](Value value) { return lowering.type(value).dtype == lowering.type(inputs[0]).dtype; });
  }

  // Along features a step counts where it counts in some input; along steps each keeps its own. An input without a mask
  // counts everywhere.
  static Value whole_mask(Lowering& lowering, std::span<const Value> inputs, int axis) {
    Value some;
    for (const Value input : inputs)
      if (const Value mask = lowering.mask(input); mask.index >= 0) some = mask;
    if (some.index < 0) return {};
    const int rank = lowering.type(some).shape.rank(), features = lowering.type(inputs[0]).shape.rank() - 1;
    std::vector<Value> masks;
    std::vector<TensorType> types;
    for (const Value input : inputs) {
      Value mask = lowering.mask(input);
      if (mask.index < 0) {
        if (axis == features) return {};
        mask = all_true(lowering, some, leading(lowering.type(input).shape, rank));
      }
      require(lowering.type(mask).shape.rank() == features, "Concatenate",
              "the mask of an input must have all its axes but the last. Got a mask of shape ",
              lowering.type(mask).shape, " with ", lowering.type(input).shape, ".");
      masks.push_back(mask);
      types.push_back(lowering.type(mask));
    }
    if (axis < features) return lowering.add1(make_concatenate_kernel(types, axis, lowering.grain()), masks);
    Value merged = masks[0];
    for (size_t i = 1; i < masks.size(); ++i)
      merged = lowering.add1(make_relation_kernel("logical_or", {types[0], {}}, {types[i], {}}, lowering.grain()),
                             {merged, masks[i]});
    return merged;
  }

  static Shape leading(const Shape& shape, int rank) {
    return Shape(std::span<const int64_t>(shape.begin(), static_cast<size_t>(rank)));
  }

  static Value all_true(Lowering& lowering, Value some, const Shape& shape) {
    const Rearrangement first = rearrangement(shape, [](std::span<const int64_t>) { return 0; });
    const Value any =
        lowering.add1(make_rearrange_kernel("mask", lowering.type(some), first, lowering.grain()), {some});
    const ElementwiseOperand same{lowering.type(any), {}};
    return lowering.add1(make_relation_kernel("equal", same, same, lowering.grain()), {any, any});
  }

  int64_t axis_ = -1;
};

const RegisterLayer<ConcatenateLayer> registered{
    "Concatenate", {}, {Config(Config::Object{}), Config::object({{"axis", 1}})}};

}  // namespace
}  // namespace batchwise
