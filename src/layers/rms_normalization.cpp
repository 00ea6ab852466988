// RMSNormalization: every sample divided by the root of its mean square over some axes, and scaled.
#include "kernels/layer_normalization.h"
#include "layers/arguments.h"
#include "layers/neighbouring_axes.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "RMSNormalization";

class RmsNormalizationLayer final : public Layer {
 public:
  explicit RmsNormalizationLayer(const Config& config) {
    require_known_keys(kName, config, {"axis", "epsilon"});
    axes_ = axes_of(kName, config, -1);
    epsilon_ = config.get("epsilon", 1e-6);
  }
  std::string_view class_name() const override { return kName; }
  bool passes_mask() const override { return true; }
  Config config() const override { return Config::object({{"axis", Config(axes_)}, {"epsilon", epsilon_}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    axis_range(kName, axes_, one_input(kName, inputs));
    return inputs;
  }
  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    return {{.name = "scale", .shape = axis_range(kName, axes_, inputs[0]).shape_of(inputs[0]), .initializer = "Ones"}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(plain);
    const AxisRange axes = axis_range(kName, axes_, type.shape);
    return {lowering.add1(make_layer_normalization_kernel({.first_axis = axes.first,
                                                           .last_axis = axes.last,
                                                           .epsilon = epsilon_,
                                                           .center = false,
                                                           .about_zero = true},
                                                          type, lowering.grain()),
                          {plain}, {"scale"})};
  }

 private:
  std::vector<int64_t> axes_;
  double epsilon_ = 1e-6;
};

const RegisterLayer<RmsNormalizationLayer> registered{
    "RMSNormalization", {}, {Config(Config::Object{}), Config::object({{"axis", 1}, {"epsilon", 0.1}})}};

}  // namespace
}  // namespace batchwise
