// Maximum: the largest of its inputs, element by element, dimensions of 1 repeated.
#include "layers/arguments.h"
#include "layers/masked_merge.h"
#include "layers/merge.h"

namespace batchwise {
namespace {

class MaximumLayer final : public Layer {
 public:
  explicit MaximumLayer(const Config& config) { require_known_keys("Maximum", config, {}); }
  std::string_view class_name() const override { return "Maximum"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {merged_shape("Maximum", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_masked_merge(lowering, inputs, "maximum")};
  }
};

const RegisterLayer<MaximumLayer> registered{"Maximum"};

}  // namespace
}  // namespace batchwise
