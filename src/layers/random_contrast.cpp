// RandomContrast: pixels moved away from the mean of their channel, or towards it.
#include "kernels/color_shift.h"
#include "layers/arguments.h"
#include "layers/augmentation.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "RandomContrast";

// One number f stands for (f, f): the contrast is drawn from 1 - f to 1 + f. Of a pair, from 1 - lower to 1 + upper.
FactorRange contrast_factor(const Config& value) {
  if (value.is_list()) return read_factor("RandomContrast.factor", value, 0, 1);
  const FactorRange range = read_factor("RandomContrast.factor", value, 0, 1);
  return {range.upper, range.upper};
}

class RandomContrastLayer final : public Layer {
 public:
  explicit RandomContrastLayer(const Config& config)
      : factor_(contrast_factor(config.at("factor"))), seed_(read_seed(config, kWhere)) {
    require_known_keys(kWhere, config, {"factor", "value_range", "seed", "data_format"});
    require_channels_last(kWhere, config);
    if (const Config* range = config.find("value_range"); range && !range->is_null()) {
      const Config::List& pair = range->as_list("RandomContrast.value_range");
      require(pair.size() == 2, kWhere, "value_range must be two numbers. Got ", range->text(), ".");
      least_ = static_cast<float>(pair[0].as_number("RandomContrast.value_range"));
      most_ = static_cast<float>(pair[1].as_number("RandomContrast.value_range"));
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
    return [factor](const std::array<float, 4>& drawn) {
      const float least = 1 - factor.lower, most = 1 + factor.upper;
      return ColorShift{least + (most - least) * drawn[0], 0};
    };
  }

  FactorRange factor_;
  float least_ = 0, most_ = 255;
  std::optional<int64_t> seed_;
};

const RegisterLayer<RandomContrastLayer> registered{
    "RandomContrast",
    {},
    {Config::object({{"factor", 0.4}, {"value_range", Config::List{-9.0, 9.0}}}),
     Config::object({{"factor", Config::List{0.1, 0.5}}, {"value_range", Config::List{-9.0, 9.0}}})}};

}  // namespace
}  // namespace batchwise
