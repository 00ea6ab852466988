// Flatten: every sample as one row.
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/window_arguments.h"

namespace batchwise {
namespace {

class FlattenLayer final : public Layer {
 public:
  explicit FlattenLayer(const Config& config) {
    require_known_keys("Flatten", config, {"data_format"});
    channels_first_ = is_channels_first("Flatten", config);
  }
  std::string_view class_name() const override { return "Flatten"; }
  Config config() const override { return Config::object({{"data_format", data_format_name(channels_first_)}}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {{one_input("Flatten", inputs).count()}}; }
  DType output_dtype(DType input) const override { return input; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    // Whatever the format says, channels come last in the row.
    const bool moved = channels_first_ && lowering.type(inputs[0]).shape.rank() > 1;
    const Value plain = moved ? to_channels_last("Flatten", lowering, inputs[0], true) : lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(plain);
    if (type.shape.rank() == 1) return {plain};
    return {lowering.add1(make_view_kernel(type, {type.shape.count()}, lowering.grain()), {plain})};
  }

 private:
  bool channels_first_ = false;
};

const RegisterLayer<FlattenLayer> registered{"Flatten"};

}  // namespace
}  // namespace batchwise
