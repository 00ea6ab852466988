// Masking: steps whose values all are mask_value do not count for the layers behind.
#include "kernels/masking.h"

#include "layers/arguments.h"

namespace batchwise {
namespace {

class MaskingLayer final : public Layer {
 public:
  explicit MaskingLayer(const Config& config) : value_(config.get("mask_value", 0.0)) {
    require_known_keys("Masking", config, {"mask_value"});
  }
  std::string_view class_name() const override { return "Masking"; }
  Config config() const override { return Config::object({{"mask_value", value_}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input("Masking", inputs);
    require(shape.rank() >= 1, "Masking", "each sample must have at least one axis. Got ", shape, ".");
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const std::vector<Value> outputs =
        lowering.add(make_masking_kernel(static_cast<float>(value_), lowering.type(input), lowering.grain()), {input});
    lowering.set_mask(outputs[0], outputs[1]);
    return {outputs[0]};
  }

 private:
  double value_;
};

const RegisterLayer<MaskingLayer> registered{
    "Masking", {}, {Config(Config::Object{}), Config::object({{"mask_value", 0.5}})}};

}  // namespace
}  // namespace batchwise
