// LeakyReLU: x where positive, else negative_slope * x.
#include "kernels/activation.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class LeakyReLULayer final : public Layer {
 public:
  explicit LeakyReLULayer(const Config& config) {
    require_known_keys("LeakyReLU", config, {"negative_slope"});
    activation_ = {"leaky_relu", Config::object({{"negative_slope", config.get("negative_slope", 0.3)}})};
    check_activation(activation_, "LeakyReLU");
  }
  std::string_view class_name() const override { return "LeakyReLU"; }
  bool passes_mask() const override { return true; }
  Config config() const override { return activation_.config; }
  Shapes output_shapes(const Shapes& inputs) const override { return {one_input("LeakyReLU", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_activation(lowering, inputs[0], activation_)};
  }

 private:
  Spec activation_;
};

const RegisterLayer<LeakyReLULayer> registered{
    "LeakyReLU", {}, {Config(Config::Object{}), Config::object({{"negative_slope", 0.01}})}};

}  // namespace
}  // namespace batchwise
