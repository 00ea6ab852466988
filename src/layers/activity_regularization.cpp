// ActivityRegularization: adds l1 * sum |x| + l2 * sum x^2 of its input to the loss.
#include "kernels/activity_penalty.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class ActivityRegularizationLayer final : public Layer {
 public:
  explicit ActivityRegularizationLayer(const Config& config) {
    require_known_keys("ActivityRegularization", config, {"l1", "l2", "activity_regularizer"});
    penalty_ = {"L1L2", Config::object({{"l1", config.get("l1", 0.0)}, {"l2", config.get("l2", 0.0)}})};
  }
  std::string_view class_name() const override { return "ActivityRegularization"; }
  bool passes_mask() const override { return true; }
  Config config() const override { return penalty_.config; }
  Shapes output_shapes(const Shapes& inputs) const override { return {one_input("ActivityRegularization", inputs)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {lower_activity_penalty(lowering, inputs[0], penalty_)};
  }

 private:
  Spec penalty_;
};

const RegisterLayer<ActivityRegularizationLayer> registered{
    "ActivityRegularization", {}, {Config::object({{"l1", 0.1}, {"l2", 0.2}})}};

}  // namespace
}  // namespace batchwise
