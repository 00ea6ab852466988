// Minimum: the smallest of its inputs, element by element, dimensions of 1 repeated.
#include "layers/arguments.h"
#include "layers/masked_merge.h"
#include "layers/merge.h"

namespace batchwise {
namespace {

class MinimumLayer final : public Layer {
 public:
  explicit MinimumLayer(const Config& config) { require_known_keys("Minimum", config, {}); }
  std::string_view class_name() const override { return "Minimum"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {merged_shape("Minimum", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_masked_merge(lowering, inputs, "minimum")};
  }
};

const RegisterLayer<MinimumLayer> registered{"Minimum"};

}  // namespace
}  // namespace batchwise
