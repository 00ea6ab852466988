// Multiply: the product of its inputs, element by element, dimensions of 1 repeated.
#include "layers/arguments.h"
#include "layers/masked_merge.h"
#include "layers/merge.h"

namespace batchwise {
namespace {

class MultiplyLayer final : public Layer {
 public:
  explicit MultiplyLayer(const Config& config) { require_known_keys("Multiply", config, {}); }
  std::string_view class_name() const override { return "Multiply"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {merged_shape("Multiply", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_masked_merge(lowering, inputs, "multiply")};
  }
};

const RegisterLayer<MultiplyLayer> registered{"Multiply"};

}  // namespace
}  // namespace batchwise
