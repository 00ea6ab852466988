// Add: the sum of its inputs, dimensions of 1 repeated.
#include "kernels/add.h"

#include <algorithm>

#include "layers/arguments.h"
#include "layers/merge.h"

namespace batchwise {
namespace {

class AddLayer final : public Layer {
 public:
  explicit AddLayer(const Config& config) { require_known_keys("Add", config, {}); }
  std::string_view class_name() const override { return "Add"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {merged_shape("Add", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const std::vector<Value> operands = merge_numbers(lowering, inputs);
    Shapes shapes;
    std::vector<TensorType> types;
    for (const Value value : operands) {
      types.push_back(lowering.type(value));
      shapes.push_back(types.back().shape);
    }
    if (std::any_of(types.begin(), types.end(), [&](const TensorType& type) { return !(type == types[0]); }))
      return {lower_merge(lowering, inputs, "add")};
    const Value sum = lowering.add1(make_add_kernel(types, shapes[0], lowering.grain()), operands);
    set_merged_mask(lowering, inputs, sum);
    return {sum};
  }
};

const RegisterLayer<AddLayer> registered{"Add"};

}  // namespace
}  // namespace batchwise
