// Concatenate: its inputs one after another along an axis.
#include "kernels/concatenate.h"

#include <algorithm>

#include "layers/arguments.h"

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
      values.push_back(lowering.in_layout(value, block));
      types.push_back(lowering.type(values.back()));
    }
    return {lowering.add1(make_concatenate_kernel(types, axis, lowering.grain()), values)};
  }

 private:
  int64_t axis_ = -1;
};

const RegisterLayer<ConcatenateLayer> registered{
    "Concatenate", {}, {Config(Config::Object{}), Config::object({{"axis", 1}})}};

}  // namespace
}  // namespace batchwise
