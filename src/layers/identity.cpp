// Identity: the input as it is.
#include "layers/arguments.h"

namespace batchwise {
namespace {

class IdentityLayer final : public Layer {
 public:
  explicit IdentityLayer(const Config& config) { require_known_keys("Identity", config, {}); }
  std::string_view class_name() const override { return "Identity"; }
  bool passes_mask() const override { return true; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {one_input("Identity", inputs)}; }
  DType output_dtype(DType input) const override { return input; }
  std::vector<Value> lower(Lowering&, std::span<const Value> inputs) const override { return {inputs[0]}; }
};

const RegisterLayer<IdentityLayer> registered{"Identity"};

}  // namespace
}  // namespace batchwise
