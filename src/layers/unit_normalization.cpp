// UnitNormalization: every sample at length 1 over some axes.
#include "kernels/layer_normalization.h"
#include "layers/arguments.h"
#include "layers/neighbouring_axes.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "UnitNormalization";

class UnitNormalizationLayer final : public Layer {
 public:
  explicit UnitNormalizationLayer(const Config& config) {
    require_known_keys(kName, config, {"axis"});
    axes_ = axes_of(kName, config, -1);
    one_ = !config.find("axis") || !config.at("axis").is_list();
  }
  std::string_view class_name() const override { return kName; }
  bool passes_mask() const override { return true; }
  Config config() const override { return Config::object({{"axis", one_ ? Config(axes_[0]) : Config(axes_)}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    axis_range(kName, axes_, one_input(kName, inputs));
    return inputs;
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(plain);
    const AxisRange axes = axis_range(kName, axes_, type.shape);
    return {lowering.add1(make_layer_normalization_kernel({.first_axis = axes.first,
                                                           .last_axis = axes.last,
                                                           .epsilon = kSmallest,
                                                           .center = false,
                                                           .scale = false,
                                                           .about_zero = true,
                                                           .to_unit = true},
                                                          type, lowering.grain()),
                          {plain})};
  }

 private:
  static constexpr double kSmallest = 1e-24;  // the square of Keras's: a length of 0 stays 0
  std::vector<int64_t> axes_;
  bool one_ = true;  // as a number, not a list
};

const RegisterLayer<UnitNormalizationLayer> registered{
    "UnitNormalization", {}, {Config(Config::Object{}), Config::object({{"axis", 1}})}};

}  // namespace
}  // namespace batchwise
