// LayerScale: every channel times a weight of its own, as ConvNeXt ends its blocks.
#include "kernels/channel_affine.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class LayerScaleLayer final : public Layer {
 public:
  explicit LayerScaleLayer(const Config& config) {
    require_known_keys("LayerScale", config, {"init_values", "projection_dim"});
    initial_ = config.at("init_values").as_number("LayerScale.init_values");
    channels_ = config.at("projection_dim").as_int("LayerScale.projection_dim");
  }
  std::string_view class_name() const override { return "LayerScale"; }
  Config config() const override { return Config::object({{"init_values", initial_}, {"projection_dim", channels_}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input("LayerScale", inputs);
    require(shape.rank() > 0 && shape.back() == channels_, "LayerScale", "projection_dim, ", channels_,
            ", must be the channels of the input. Got ", shape, ".");
    return {shape};
  }
  std::vector<VariableSpec> variables(const Shapes&) const override {
    return {{.name = "gamma",
             .shape = {channels_},
             .initializer = Spec("Constant", Config::object({{"value", initial_}}))}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    return {lowering.add1(make_channel_affine_kernel(lowering.type(plain), true, false, lowering.grain()), {plain},
                          {"gamma"})};
  }

 private:
  double initial_;
  int64_t channels_;
};

const RegisterLayer<LayerScaleLayer> registered{
    "LayerScale", {}, {Config::object({{"init_values", 0.5}, {"projection_dim", 3}})}};

}  // namespace
}  // namespace batchwise
