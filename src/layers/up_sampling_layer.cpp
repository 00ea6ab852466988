// What the upsampling layers share.
#include "layers/up_sampling_layer.h"

#include "kernels/resampling.h"
#include "layers/arguments.h"
#include "layers/window_arguments.h"

namespace batchwise {

UpSamplingLayer::UpSamplingLayer(std::string_view name, int rank, const Config& config) : name_(name) {
  if (rank == 1) require_known_keys(name, config, {"size"});
  else if (rank == 2) require_known_keys(name, config, {"size", "data_format", "interpolation"});
  else require_known_keys(name, config, {"size", "data_format"});
  size_ = positive_ints(name, config, "size", rank, 2);
  channels_first_ = is_channels_first(name, config);
  interpolation_ = config.get("interpolation", "nearest");
  resampling_axis(interpolation_, 1, 1);  // refuses what it does not know
}

Config UpSamplingLayer::config() const {
  if (size_.size() == 1) return Config::object({{"size", size_[0]}});
  Config config = Config::object({{"size", ints_config(size_)}, {"data_format", data_format_name(channels_first_)}});
  if (size_.size() == 2) config.set("interpolation", interpolation_);
  return config;
}

Shapes UpSamplingLayer::output_shapes(const Shapes& inputs) const {
  Shape shape = channels_last(one_input(name_, inputs), channels_first_);
  require_spatial(name_, shape, static_cast<int>(size_.size()));
  for (size_t a = 0; a < size_.size(); ++a) shape[static_cast<int>(a)] *= size_[a];
  require(shape.count() > 0, name_, "the input must not be empty. Got ", inputs[0], ".");
  return {as_given(shape, channels_first_)};
}

std::vector<Value> UpSamplingLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = to_channels_last(name_, lowering, inputs[0], channels_first_);
  const TensorType& type = lowering.type(input);
  std::vector<ResamplingAxis> axes;
  for (size_t a = 0; a < size_.size(); ++a) {
    const int64_t positions = type.shape[static_cast<int>(a)];
    axes.push_back(resampling_axis(interpolation_, positions, positions * size_[a]));
  }
  const Value made = lowering.add1(make_resampling_kernel(axes, type, lowering.grain()), {input});
  return {to_given(lowering, made, channels_first_)};
}

std::vector<Config> UpSamplingLayer::examples(int rank) {
  if (rank == 1) return {Config::object({{"size", 3}})};
  std::vector<Config> all = {Config(Config::Object{}),
                             Config::object({{"size", 3}, {"data_format", "channels_first"}})};
  if (rank == 2)
    for (const char* method : {"bilinear", "bicubic", "lanczos3"})
      all.push_back(Config::object({{"interpolation", method}}));
  return all;
}

}  // namespace batchwise
