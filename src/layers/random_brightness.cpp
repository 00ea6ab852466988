// RandomBrightness: all pixels made brighter or darker by a part of the range of values.
#include "kernels/color_shift.h"
#include "layers/arguments.h"
#include "layers/augmentation.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "RandomBrightness";

class RandomBrightnessLayer final : public Layer {
 public:
  explicit RandomBrightnessLayer(const Config& config)
      : factor_(read_factor("RandomBrightness.factor", config.at("factor"), -1, 1)), seed_(read_seed(config, kWhere)) {
    require_known_keys(kWhere, config, {"factor", "value_range", "seed", "data_format"});
    require_channels_last(kWhere, config);
    if (const Config* range = config.find("value_range"); range && !range->is_null()) {
      const Config::List& pair = range->as_list("RandomBrightness.value_range");
      require(pair.size() == 2, kWhere, "value_range must be two numbers. Got ", range->text(), ".");
      least_ = static_cast<float>(pair[0].as_number("RandomBrightness.value_range"));
      most_ = static_cast<float>(pair[1].as_number("RandomBrightness.value_range"));
    }
    require(least_ < most_, kWhere, "value_range must rise. Got ", least_, " to ", most_, ".");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    return Config::object({{"factor", config_of(factor_)},
                           {"value_range", Config::List{Config(least_), Config(most_)}},
                           {"seed", seed_ ? Config(*seed_) : Config()},
                           {"data_format", "channels_last"}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    require_rank(kWhere, one_input(kWhere, inputs), 3, "(height, width, channels)");
    return inputs;
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!lowering.training()) return {inputs[0]};
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    require(type.dtype == DType::Float32, kWhere, "the input must be float32. Got ", type.dtype, ".");
    const ColorShiftRules rules{
        .key = random_layer_key(lowering, seed_), .shift = shift(), .least = least_, .most = most_};
    return lowering.add(make_color_shift_kernel(rules, type, lowering.grain()), {input});
  }

 private:
  std::function<ColorShift(const std::array<float, 4>&)> shift() const {
    const FactorRange factor = factor_;
    const float range = most_ - least_;
    return [factor, range](const std::array<float, 4>& drawn) { return ColorShift{1, factor.at(drawn[0]) * range}; };
  }

  FactorRange factor_;
  float least_ = 0, most_ = 255;
  std::optional<int64_t> seed_;
};

const RegisterLayer<RandomBrightnessLayer> registered{
    "RandomBrightness",
    {},
    {Config::object({{"factor", 0.4}, {"value_range", Config::List{-9.0, 9.0}}}),
     Config::object({{"factor", Config::List{0.1, 0.5}}, {"value_range", Config::List{-9.0, 9.0}}})}};

}  // namespace
}  // namespace batchwise
