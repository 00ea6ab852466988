// Layers that change the colors of an image by numbers drawn for it.
#include "layers/color_layer.h"

#include "layers/arguments.h"

namespace batchwise {

ColorLayer::ColorLayer(const char* where, const Config& config, const FactorRange& factor)
    : where_(where), factor_(factor), seed_(read_seed(config, where)) {
  require_known_keys(where, config, {"factor", "value_range", "seed", "data_format"});
  require_channels_last(where, config);
  if (const Config* range = config.find("value_range"); range && !range->is_null()) {
    const std::string at = std::string(where) + ".value_range";
    const Config::List& pair = range->as_list(at);
    require(pair.size() == 2, where, "value_range must be two numbers. Got ", range->text(), ".");
    least_ = static_cast<float>(pair[0].as_number(at));
    most_ = static_cast<float>(pair[1].as_number(at));
  }
  require(least_ < most_, where, "value_range must rise. Got ", least_, " to ", most_, ".");
}

Config ColorLayer::config() const {
  return Config::object({{"factor", config_of(factor_)},
                         {"value_range", Config::List{Config(least_), Config(most_)}},
                         {"seed", seed_ ? Config(*seed_) : Config()},
                         {"data_format", "channels_last"}});
}

Shapes ColorLayer::output_shapes(const Shapes& inputs) const {
  require_rank(where_, one_input(where_, inputs), 3, "(height, width, channels)");
  return inputs;
}

std::vector<Value> ColorLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  if (!lowering.training()) return {inputs[0]};
  const Value input = lowering.plain(inputs[0]);
  const TensorType& type = lowering.type(input);
  require(type.dtype == DType::Float32, where_, "the input must be float32. Got ", type.dtype, ".");
  const ColorShiftRules rules{
      .key = random_layer_key(lowering, seed_), .shift = shift(), .least = least_, .most = most_};
  return lowering.add(make_color_shift_kernel(rules, type, lowering.grain()), {input});
}

}  // namespace batchwise
