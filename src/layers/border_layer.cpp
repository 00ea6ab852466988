// What padding and cropping layers share.
#include "layers/border_layer.h"

#include "layers/arguments.h"
#include "layers/window_arguments.h"

namespace batchwise {

BorderLayer::BorderLayer(std::string_view name, std::string_view key, int rank, const Config& config)
    : MovingLayer(name, key), key_(key), rank_(rank), sign_(key == "padding" ? 1 : -1) {
  // Keras's Cropping1D has no data_format.
  has_format_ = rank > 1 || key == "padding";
  if (has_format_) require_known_keys(name, config, {key, "data_format"});
  else require_known_keys(name, config, {key});
  channels_first_ = is_channels_first(name, config);
  borders_ = borders_of(name, config, key, rank);
}

Config BorderLayer::config() const {
  Config config = Config::object({{std::string(key_), borders_config(borders_)}});
  if (has_format_) config.set("data_format", data_format_name(channels_first_));
  return config;
}

Shape BorderLayer::moved_shape(const Shape& input) const {
  require_spatial(class_name(), channels_last(input, channels_first_ && input.rank() > 0), rank_);
  Shape shape = input;
  for (int i = 0; i < rank_; ++i) {
    const auto& [before, after] = borders_[static_cast<size_t>(i)];
    shape[first_axis() + i] += sign_ * (before + after);
    require(shape[first_axis() + i] > 0, class_name(), key_, " must leave something of each axis. Got ", before,
            " and ", after, " for one of ", input[first_axis() + i], ".");
  }
  return shape;
}

Rearrangement BorderLayer::moves(const Shape& input) const {
  std::vector<int64_t> from(static_cast<size_t>(input.rank()));
  return rearrangement(moved_shape(input), [&](std::span<const int64_t> place) -> int64_t {
    for (int axis = 0; axis < input.rank(); ++axis) {
      const size_t a = static_cast<size_t>(axis);
      const bool bordered = axis >= first_axis() && axis < first_axis() + rank_;
      from[a] = place[a] - (bordered ? sign_ * borders_[a - static_cast<size_t>(first_axis())][0] : 0);
      if (from[a] < 0 || from[a] >= input[axis]) return -1;
    }
    return element_at(input, from);
  });
}

std::vector<Config> BorderLayer::examples(std::string_view key, int rank) {
  const auto pair = [](int64_t before, int64_t after) { return Config(Config::List{before, after}); };
  if (rank == 1) return {Config(Config::Object{}), Config::object({{std::string(key), pair(0, 1)}})};
  Config::List several;
  for (int axis = 0; axis < rank; ++axis) several.push_back(pair(axis % 2, 1));
  return {Config(Config::Object{}), Config::object({{std::string(key), several}})};
}

}  // namespace batchwise
