// Flatten: every sample as one row.
#include "kernels/view.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class FlattenLayer final : public Layer {
 public:
  explicit FlattenLayer(const Config& config) {
    require_known_keys("Flatten", config, {"data_format"});
    require_channels_last("Flatten", config);
  }
  std::string_view class_name() const override { return "Flatten"; }
  Config config() const override { return Config::object({{"data_format", "channels_last"}}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {{one_input("Flatten", inputs).count()}}; }
  DType output_dtype(DType input) const override { return input; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(plain);
    if (type.shape.rank() == 1) return {plain};
    return {lowering.add1(make_view_kernel(type, {type.shape.count()}, lowering.grain()), {plain})};
  }
};

const RegisterLayer<FlattenLayer> registered{"Flatten"};

}  // namespace
}  // namespace batchwise
