// Subtract: the first of its two inputs less the second, dimensions of 1 repeated.
#include "layers/arguments.h"
#include "layers/merge.h"

namespace batchwise {
namespace {

class SubtractLayer final : public Layer {
 public:
  explicit SubtractLayer(const Config& config) { require_known_keys("Subtract", config, {}); }
  std::string_view class_name() const override { return "Subtract"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    require(inputs.size() == 2, "Subtract", "the layer takes exactly 2 inputs. Got ", inputs.size(), ".");
    return {merged_shape("Subtract", inputs)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_merge(lowering, inputs, "subtract")};
  }
};

const RegisterLayer<SubtractLayer> registered{"Subtract"};

}  // namespace
}  // namespace batchwise
