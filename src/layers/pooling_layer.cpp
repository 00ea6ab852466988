// What MaxPooling2D and AveragePooling2D share.
#include "layers/pooling_layer.h"

#include "layers/arguments.h"
#include "layers/window_arguments.h"

namespace batchwise {

PoolingLayer::PoolingLayer(std::string_view name, MakeKernel make_kernel, const Config& config)
    : name_(name), make_kernel_(make_kernel) {
  require_known_keys(name_, config, {"pool_size", "padding", "strides", "data_format"});
  require_channels_last(name_, config);
  size_ = positive_pair(name_, config, "pool_size", 2);
  const Config* strides = config.find("strides");
  strides_ = strides && !strides->is_null() ? positive_pair(name_, config, "strides", 1) : size_;
  same_ = is_same_padding(name_, config);
}

Config PoolingLayer::config() const {
  return Config::object({{"pool_size", pair_config(size_)},
                         {"padding", same_ ? "same" : "valid"},
                         {"strides", pair_config(strides_)},
                         {"data_format", "channels_last"}});
}

Shapes PoolingLayer::output_shapes(const Shapes& inputs) const {
  const Shape& image = one_input(name_, inputs);
  const Window window = window_of(image);
  return {{window.height.output, window.width.output, image[2]}};
}

std::vector<Value> PoolingLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = plain_image(name_, lowering, inputs[0]);
  const Shape& image = lowering.type(input).shape;
  return {lowering.add1(make_kernel_({.channels = image[2], .window = window_of(image), .grain = lowering.grain()}),
                        {input})};
}

Window PoolingLayer::window_of(const Shape& image) const {
  return window_on(name_, image, size_, strides_, {1, 1}, same_);
}

std::vector<Config> PoolingLayer::examples() {
  return {Config(Config::Object{}), Config::object({{"pool_size", 3}, {"strides", 2}, {"padding", "same"}}),
          Config::object({{"pool_size", Config(Config::List{2, 3})}, {"strides", 1}})};
}

}  // namespace batchwise
