// ELU: x where positive, else alpha * (exp(x) - 1).
#include "kernels/activation.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class ELULayer final : public Layer {
 public:
  explicit ELULayer(const Config& config) {
    require_known_keys("ELU", config, {"alpha"});
    activation_ = {"elu", Config::object({{"alpha", config.get("alpha", 1.0)}})};
    check_activation(activation_, "ELU");
  }
  std::string_view class_name() const override { return "ELU"; }
  bool passes_mask() const override { return true; }
  Config config() const override { return activation_.config; }
  Shapes output_shapes(const Shapes& inputs) const override { return {one_input("ELU", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_activation(lowering, inputs[0], activation_)};
  }

 private:
  Spec activation_;
};

const RegisterLayer<ELULayer> registered{"ELU", {}, {Config(Config::Object{}), Config::object({{"alpha", 0.5}})}};

}  // namespace
}  // namespace batchwise
