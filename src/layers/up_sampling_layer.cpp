// What the upsampling layers share.
#include "layers/up_sampling_layer.h"

#include "layers/arguments.h"
#include "layers/window_arguments.h"

namespace batchwise {

UpSamplingLayer::UpSamplingLayer(std::string_view name, int rank, const Config& config) : MovingLayer(name, "repeat") {
  require_known_keys(name, config, {"size", "data_format", "interpolation"});
  size_ = positive_ints(name, config, "size", rank, 2);
  channels_first_ = is_channels_first(name, config);
  const std::string interpolation = config.get("interpolation", "nearest");
  require(interpolation == "nearest", name, "interpolation must be \"nearest\". Got \"", interpolation, "\".");
}

Config UpSamplingLayer::config() const {
  if (size_.size() == 1) return Config::object({{"size", size_[0]}});
  Config config = Config::object({{"size", ints_config(size_)}, {"data_format", data_format_name(channels_first_)}});
  if (size_.size() == 2) config.set("interpolation", "nearest");
  return config;
}

Shape UpSamplingLayer::moved_shape(const Shape& input) const {
  require_spatial(class_name(), channels_last(input, channels_first_ && input.rank() > 0),
                  static_cast<int>(size_.size()));
  Shape shape = input;
  for (size_t i = 0; i < size_.size(); ++i) shape[first_axis() + static_cast<int>(i)] *= size_[i];
  return shape;
}

Rearrangement UpSamplingLayer::moves(const Shape& input) const {
  std::vector<int64_t> from(static_cast<size_t>(input.rank()));
  return rearrangement(moved_shape(input), [&](std::span<const int64_t> place) {
    std::copy(place.begin(), place.end(), from.begin());
    for (size_t i = 0; i < size_.size(); ++i) from[static_cast<size_t>(first_axis()) + i] /= size_[i];
    return element_at(input, from);
  });
}

std::vector<Config> UpSamplingLayer::examples(int rank) {
  if (rank == 1) return {Config::object({{"size", 3}})};
  return {Config(Config::Object{}), Config::object({{"size", 3}, {"data_format", "channels_first"}})};
}

}  // namespace batchwise
