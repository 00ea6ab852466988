// LayerScale: every channel multiplied by a weight of its own. Of Keras's ConvNeXt, whose files name it.
#include "kernels/channel_affine.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

constexpr std::string_view kName = "LayerScale";

class LayerScaleLayer final : public Layer {
 public:
  explicit LayerScaleLayer(const Config& config) {
    require_known_keys(kName, config, {"init_values", "projection_dim"});
    initial_ = config.at("init_values").as_number("LayerScale.init_values");
    channels_ = config.at("projection_dim").as_int("LayerScale.projection_dim");
    require(channels_ > 0, kName, "projection_dim must be positive. Got ", channels_, ".");
  }
  std::string_view class_name() const override { return kName; }
  Config config() const override { return Config::object({{"init_values", initial_}, {"projection_dim", channels_}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kName, inputs);
    require(shape.rank() > 0 && shape.back() == channels_, kName, "the last axis must have projection_dim elements, ",
            channels_, ". Got ", shape, ".");
    return inputs;
  }
  std::vector<VariableSpec> variables(const Shapes&) const override {
    return {{"gamma", {channels_}, Spec("Constant", Config::object({{"value", initial_}}))}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    return {lowering.add1(make_channel_affine_kernel(lowering.type(plain), true, false, lowering.grain()), {plain},
                          {"gamma"})};
  }

 private:
  double initial_ = 0;
  int64_t channels_ = 0;
};

const RegisterLayer<LayerScaleLayer> registered{
    "LayerScale", {}, {Config::object({{"init_values", 0.5}, {"projection_dim", 4}})}};

}  // namespace
}  // namespace batchwise
