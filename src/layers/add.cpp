// Add: the sum of its inputs, dimensions of 1 repeated.
#include "kernels/add.h"

#include <algorithm>

#include "layers/arguments.h"

namespace batchwise {
namespace {

class AddLayer final : public Layer {
 public:
  explicit AddLayer(const Config& config) { require_known_keys("Add", config, {}); }
  std::string_view class_name() const override { return "Add"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    require_several_inputs("Add", inputs);
    Shape sum = inputs[0];
    for (const Shape& shape : inputs) {
      bool fits = shape.rank() == sum.rank();
      for (int axis = 0; fits && axis < shape.rank(); ++axis) {
        fits = shape[axis] == sum[axis] || shape[axis] == 1 || sum[axis] == 1;
        if (sum[axis] == 1) sum[axis] = shape[axis];
      }
      require(fits, "Add", "inputs must have the same shape, or 1 where a dimension is to be repeated. Got ", inputs[0],
              " and ", shape, ".");
    }
    return {sum};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    Shapes shapes;
    int block = 0;
    for (Value value : inputs) {
      shapes.push_back(lowering.type(value).shape);
      block = std::max(block, lowering.type(value).channel_block);
    }
    if (std::any_of(shapes.begin(), shapes.end(), [&](const Shape& shape) { return !(shape == shapes[0]); })) block = 0;
    std::vector<Value> values;
    std::vector<TensorType> types;
    for (Value value : inputs) {
      values.push_back(lowering.in_layout(value, block));
      types.push_back(lowering.type(values.back()));
    }
    return {lowering.add1(make_add_kernel(types, output_shapes(shapes)[0], lowering.grain()), values)};
  }
};

const RegisterLayer<AddLayer> registered{"Add"};

}  // namespace
}  // namespace batchwise
