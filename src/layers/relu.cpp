// ReLU: max(x, 0), with Keras's slope, bound and threshold.
#include "kernels/activation.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class ReLULayer final : public Layer {
 public:
  explicit ReLULayer(const Config& config) {
    require_known_keys("ReLU", config, {"max_value", "negative_slope", "threshold"});
    const Config* max_value = config.find("max_value");
    config_ = Config::object(
        {{"max_value", max_value && !max_value->is_null() ? Config(max_value->as_number("ReLU.max_value")) : Config()},
         {"negative_slope", config.get("negative_slope", 0.0)},
         {"threshold", config.get("threshold", 0.0)}});
    check_activation(activation(), "ReLU");
  }
  std::string_view class_name() const override { return "ReLU"; }
  bool passes_mask() const override { return true; }
  Config config() const override { return config_; }
  Shapes output_shapes(const Shapes& inputs) const override { return {one_input("ReLU", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_activation(lowering, inputs[0], activation())};
  }

 private:
  Spec activation() const { return {"relu", config_}; }
  Config config_;
};

const RegisterLayer<ReLULayer> registered{
    "ReLU",
    {},
    {Config(Config::Object{}), Config::object({{"max_value", 2.0}, {"negative_slope", 0.1}, {"threshold", 0.5}}),
     Config::object({{"negative_slope", 0.2}})}};

}  // namespace
}  // namespace batchwise
