// Activation: an activation function as a layer.
#include "kernels/activation.h"

#include "layers/arguments.h"

namespace batchwise {
namespace {

class ActivationLayer final : public Layer {
 public:
  explicit ActivationLayer(const Config& config) {
    require_known_keys("Activation", config, {"activation"});
    activation_ = spec_of(config.at("activation"), "Activation.activation");
    check_activation(activation_, "Activation");
  }
  std::string_view class_name() const override { return "Activation"; }
  bool passes_mask() const override { return true; }
  Config config() const override {
    if (is_linear(activation_)) return Config::object({{"activation", "linear"}});
    const bool plain = !activation_.config.is_object() || activation_.config.as_object().empty();
    return Config::object({{"activation", plain ? Config(activation_.class_name) : config_of(activation_)}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    Shape shape = one_input("Activation", inputs);
    if (activation_.class_name == "glu") {
      require(shape.rank() >= 1 && shape.back() % 2 == 0, "Activation", "the last axis must be even for \"glu\". Got ",
              shape, ".");
      shape[-1] /= 2;
    }
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_activation(lowering, inputs[0], activation_)};
  }

 private:
  Spec activation_;
};

Config with(const char* name) { return Config::object({{"activation", name}}); }

const RegisterLayer<ActivationLayer> registered{
    "Activation",
    {},
    {with("relu"), with("linear"), with("sigmoid"), with("tanh"), with("softmax"), with("gelu"), with("silu"),
     with("elu"), with("softplus"), with("log_softmax"), with("mish"), with("exponential"), with("selu")}};

}  // namespace
}  // namespace batchwise
