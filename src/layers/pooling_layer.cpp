// What the pooling layers share.
#include "layers/pooling_layer.h"

#include "layers/arguments.h"

namespace batchwise {

PoolingLayer::PoolingLayer(std::string_view name, int rank, MakeKernel make_kernel, const Config& config)
    : name_(name), make_kernel_(make_kernel) {
  require_known_keys(name_, config, {"pool_size", "padding", "strides", "data_format"});
  channels_first_ = is_channels_first(name_, config);
  window_.size = positive_ints(name_, config, "pool_size", rank, 2);
  const Config* strides = config.find("strides");
  window_.strides = strides && !strides->is_null() ? positive_ints(name_, config, "strides", rank, 1) : window_.size;
  window_.dilation.assign(static_cast<size_t>(rank), 1);
  window_.padding = padding_of(name_, config);
}

Config PoolingLayer::config() const {
  return Config::object({{"pool_size", ints_config(window_.size)},
                         {"padding", name_of(window_.padding)},
                         {"strides", ints_config(window_.strides)},
                         {"data_format", data_format_name(channels_first_)}});
}

Shapes PoolingLayer::output_shapes(const Shapes& inputs) const {
  const Shape shape = channels_last(one_input(name_, inputs), channels_first_);
  return {as_given(window_on(name_, shape, window_).output_shape(shape.back()), channels_first_)};
}

std::vector<Value> PoolingLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = to_channels_last(name_, lowering, inputs[0], channels_first_);
  const Shape& shape = lowering.type(input).shape;
  const Value made = lowering.add1(
      make_kernel_({.channels = shape.back(), .window = window_on(name_, shape, window_), .grain = lowering.grain()}),
      {input});
  return {to_given(lowering, made, channels_first_)};
}

std::vector<Config> PoolingLayer::examples(int rank) {
  std::vector<Config> all = {Config(Config::Object{}),
                             Config::object({{"pool_size", 3}, {"strides", 2}, {"padding", "same"}})};
  if (rank == 2) {
    all.push_back(Config::object({{"pool_size", Config(Config::List{2, 3})}, {"strides", 1}}));
    all.push_back(Config::object({{"data_format", "channels_first"}}));
  }
  return all;
}

}  // namespace batchwise
