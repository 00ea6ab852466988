// Reads the arguments of random image layers and lowers those that move pixels.
#include "layers/augmentation.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "layers/arguments.h"

namespace batchwise {

FactorRange read_factor(const std::string& path, const Config& value, double least, double most) {
  double lower, upper;
  if (value.is_list()) {
    const Config::List& pair = value.as_list(path);
    require(pair.size() == 2, path, "a factor must be one number or two, lower and upper. Got ", value.text(), ".");
    lower = pair[0].as_number(path);
    upper = pair[1].as_number(path);
  } else {
    upper = std::abs(value.as_number(path));
    lower = std::max(-upper, least);
  }
  require(lower <= upper && lower >= least && upper <= most, path, "a factor must rise and lie in [", least, ", ", most,
          "]. Got ", value.text(), ".");
  return {static_cast<float>(lower), static_cast<float>(upper)};
}

Config config_of(const FactorRange& range) { return Config::List{Config(range.lower), Config(range.upper)}; }

std::optional<int64_t> read_seed(const Config& config, const std::string& path) {
  const Config* seed = config.find("seed");
  if (!seed || seed->is_null()) return std::nullopt;
  return seed->as_int(path);
}

uint64_t random_layer_key(const Lowering& lowering, const std::optional<int64_t>& seed) {
  return seed ? mix(lowering.layer_key(), static_cast<uint64_t>(*seed)) : lowering.layer_key();
}

WarpLayer::WarpLayer(const Config& config, const char* default_fill)
    : fill_mode_(config.get("fill_mode", default_fill)),
      interpolation_(config.get("interpolation", "bilinear")),
      fill_value_(config.get("fill_value", 0.0)),
      seed_(read_seed(config, "seed")) {
  require(fill_mode_ == "constant" || fill_mode_ == "reflect" || fill_mode_ == "wrap" || fill_mode_ == "nearest",
          "fill_mode", "it must be \"constant\", \"reflect\", \"wrap\" or \"nearest\". Got \"", fill_mode_, "\".");
  require(interpolation_ == "bilinear" || interpolation_ == "nearest", "interpolation",
          "it must be \"bilinear\" or \"nearest\". Got \"", interpolation_, "\".");
  require_channels_last("image", config);
}

Config::Object WarpLayer::shared_config() const {
  return {{"fill_mode", fill_mode_},
          {"fill_value", fill_value_},
          {"interpolation", interpolation_},
          {"seed", seed_ ? Config(*seed_) : Config()},
          {"data_format", "channels_last"}};
}

Shapes WarpLayer::output_shapes(const Shapes& inputs) const {
  const Shape& shape = one_input(class_name(), inputs);
  require_rank(class_name(), shape, 3, "(height, width, channels)");
  return {shape};
}

std::vector<Value> WarpLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  if (!lowering.training()) return {inputs[0]};
  const Value input = lowering.plain(inputs[0]);
  const TensorType& type = lowering.type(input);
  require(type.dtype == DType::Float32, class_name(), "the input must be float32. Got ", type.dtype, ".");
  WarpRules rules{.key = random_layer_key(lowering, seed_),
                  .map = map(type.shape),
                  .height = type.shape[0],
                  .width = type.shape[1],
                  .fill = fill_mode_ == "constant"  ? WarpFill::Constant
                          : fill_mode_ == "reflect" ? WarpFill::Reflect
                          : fill_mode_ == "wrap"    ? WarpFill::Wrap
                                                    : WarpFill::Nearest,
                  .fill_value = static_cast<float>(fill_value_),
                  .bilinear = interpolation_ == "bilinear"};
  return lowering.add(make_warp_kernel(rules, type, lowering.grain()), {input});
}

}  // namespace batchwise
