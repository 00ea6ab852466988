// Rescaling: x * scale + offset, with one number or one per channel; bytes come in as they are stored.
#include "kernels/rescaling.h"

#include "layers/arguments.h"

namespace batchwise {
namespace {

class RescalingLayer final : public Layer {
 public:
  explicit RescalingLayer(const Config& config) {
    require_known_keys("Rescaling", config, {"scale", "offset"});
    scale_ = numbers(config.at("scale"), "Rescaling.scale");
    const Config* offset = config.find("offset");
    offset_ = numbers(offset && !offset->is_null() ? *offset : Config(0.0), "Rescaling.offset");
    config_ = Config::object(
        {{"scale", config.at("scale")}, {"offset", offset && !offset->is_null() ? *offset : Config(0.0)}});
  }
  std::string_view class_name() const override { return "Rescaling"; }
  Config config() const override { return config_; }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input("Rescaling", inputs);
    check_count(scale_, shape, "scale");
    check_count(offset_, shape, "offset");
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const TensorType& given = lowering.type(inputs[0]);
    require(given.dtype == DType::Float32 || given.dtype == DType::UInt8, "Rescaling",
            "the input must be float32 or uint8. Got ", given.dtype, ".");
    return {lowering.add1(make_rescaling_kernel(scale_, offset_, given, lowering.grain()), {inputs[0]})};
  }

 private:
  static std::vector<float> numbers(const Config& value, std::string_view path) {
    std::vector<float> all;
    if (!value.is_list()) return {static_cast<float>(value.as_number(path))};
    for (const Config& item : value.as_list(path)) all.push_back(static_cast<float>(item.as_number(path)));
    require(!all.empty(), path, "the list must not be empty. Got [].");
    return all;
  }
  static void check_count(const std::vector<float>& values, const Shape& shape, const char* what) {
    require(values.size() == 1 || (shape.rank() > 0 && shape.back() == static_cast<int64_t>(values.size())),
            "Rescaling", what, " must be one number or one per channel of the input. Got ", values.size(),
            " for an input of shape ", shape, ".");
  }
  std::vector<float> scale_, offset_;
  Config config_;
};

const RegisterLayer<RescalingLayer> registered{
    "Rescaling", {}, {Config::object({{"scale", 1.0 / 255}}), Config::object({{"scale", 2.0}, {"offset", -1.0}})}};

}  // namespace
}  // namespace batchwise
