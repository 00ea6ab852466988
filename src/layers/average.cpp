// Average: the mean of its inputs, element by element, dimensions of 1 repeated.
#include "kernels/binary.h"
#include "layers/arguments.h"
#include "layers/merge.h"

namespace batchwise {
namespace {

class AverageLayer final : public Layer {
 public:
  explicit AverageLayer(const Config& config) { require_known_keys("Average", config, {}); }
  std::string_view class_name() const override { return "Average"; }
  Config config() const override { return Config(Config::Object{}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {merged_shape("Average", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value sum = lower_merge(lowering, inputs, "add");
    const Value mean = lowering.add1(make_binary_kernel("divide", {lowering.type(sum), {}},
                                                        {{}, {static_cast<float>(inputs.size())}}, lowering.grain()),
                                     {sum});
    lowering.set_mask(mean, lowering.mask(sum));
    return {mean};
  }
};

const RegisterLayer<AverageLayer> registered{"Average"};

}  // namespace
}  // namespace batchwise
