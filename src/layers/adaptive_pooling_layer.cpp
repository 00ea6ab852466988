// What pooling layers with a stated number of windows share.
#include "layers/adaptive_pooling_layer.h"

#include "layers/arguments.h"

namespace batchwise {

AdaptivePoolingLayer::AdaptivePoolingLayer(std::string_view name, int rank, MakeKernel make_kernel,
                                           const Config& config)
    : name_(name), make_kernel_(make_kernel), channels_first_(is_channels_first(name, config)) {
  require_known_keys(name, config, {"output_size", "data_format"});
  config.at("output_size");
  output_size_ = positive_ints(name, config, "output_size", rank, 1);
}

Config AdaptivePoolingLayer::config() const {
  return Config::object(
      {{"output_size", ints_config(output_size_)}, {"data_format", data_format_name(channels_first_)}});
}

Shapes AdaptivePoolingLayer::output_shapes(const Shapes& inputs) const {
  const Shape input = channels_last(one_input(name_, inputs), channels_first_);
  return {as_given(window_for(input).output_shape(input.back()), channels_first_)};
}

std::vector<Value> AdaptivePoolingLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = to_channels_last(name_, lowering, inputs[0], channels_first_);
  const Shape& shape = lowering.type(input).shape;
  const Value output = lowering.add1(
      make_kernel_({.channels = shape.back(), .window = window_for(shape), .grain = lowering.grain()}), {input});
  return {to_given(lowering, output, channels_first_)};
}

Window AdaptivePoolingLayer::window_for(const Shape& input) const {
  const int rank = static_cast<int>(output_size_.size());
  require_spatial(name_, input, rank);
  std::vector<WindowAxis> axes;
  for (int a = 0; a < rank; ++a) {
    require(input[a] > 0, name_, "the input must not be empty. Got ", input, ".");
    axes.push_back(adaptive_axis(input[a], output_size_[a]));
  }
  Window window;
  window.rank = rank;
  window.width = axes.back();
  if (rank >= 2) window.height = axes[axes.size() - 2];
  if (rank >= 3) window.depth = axes.front();
  return window;
}

std::vector<Config> AdaptivePoolingLayer::examples(int rank) {
  std::vector<int64_t> uneven(static_cast<size_t>(rank), 2);
  uneven[0] = 3;
  return {Config::object({{"output_size", Config(uneven)}}),
          Config::object({{"output_size", 1}, {"data_format", "channels_first"}})};
}

}  // namespace batchwise
