// What Conv1DTranspose, Conv2DTranspose and Conv3DTranspose share.
#include "layers/transposed_convolution_layer.h"

#include <algorithm>

#include "kernels/convolution.h"
#include "layers/arguments.h"

namespace batchwise {

TransposedConvolutionLayer::TransposedConvolutionLayer(std::string_view name, int rank, const Config& config)
    : name_(name), arguments_(name, config) {
  require_known_keys(
      name_, config,
      {"filters", "kernel_size", "strides", "padding", "output_padding", "data_format", "dilation_rate", "groups",
       "activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer",
       "activity_regularizer", "kernel_constraint", "bias_constraint"});
  require(config.get("groups", 1) == 1, name_, "groups must be 1. Got ", config.get("groups", 1), ".");
  channels_first_ = is_channels_first(name_, config);
  filters_ = config.at("filters").as_int("filters");
  require(filters_ > 0, name_, "filters must be positive. Got ", filters_, ".");
  config.at("kernel_size");
  window_ = {positive_ints(name_, config, "kernel_size", rank, 1), positive_ints(name_, config, "strides", rank, 1),
             positive_ints(name_, config, "dilation_rate", rank, 1), padding_of(name_, config)};
  const Config* more = config.find("output_padding");
  if (!more || more->is_null()) return;
  output_padding_ = config.get_ints("output_padding", rank, 0);
  for (size_t i = 0; i < output_padding_.size(); ++i)
    require(output_padding_[i] >= 0 && output_padding_[i] < window_.strides[i], name_,
            "output_padding must be from 0 to below the stride, ", window_.strides[i], ". Got ", output_padding_[i],
            ".");
}

Config TransposedConvolutionLayer::config() const {
  Config config = Config::object({{"filters", filters_},
                                  {"kernel_size", ints_config(window_.size)},
                                  {"strides", ints_config(window_.strides)},
                                  {"padding", name_of(window_.padding)},
                                  {"output_padding", output_padding_.empty() ? Config() : ints_config(output_padding_)},
                                  {"data_format", data_format_name(channels_first_)},
                                  {"dilation_rate", ints_config(window_.dilation)}});
  arguments_.append_to(config);
  return config;
}

Shapes TransposedConvolutionLayer::output_shapes(const Shapes& inputs) const {
  const Shape shape = channels_last(one_input(name_, inputs), channels_first_);
  const Window window = transposed_window_on(name_, shape, window_, output_padding_);
  require(shape.back() > 0, name_, "the channels must not be empty. Got ", shape, ".");
  return {as_given(window.input_shape(filters_), channels_first_)};
}

std::vector<VariableSpec> TransposedConvolutionLayer::variables(const Shapes& inputs) const {
  std::vector<int64_t> kernel = window_.size;
  kernel.push_back(filters_);
  kernel.push_back(channels_last(inputs[0], channels_first_).back());
  return arguments_.variables(Shape(std::span<const int64_t>(kernel)), filters_);
}

std::vector<Value> TransposedConvolutionLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = to_channels_last(name_, lowering, inputs[0], channels_first_);
  const Shape& shape = lowering.type(input).shape;
  auto kernel =
      make_transposed_convolution_kernel({.channels = filters_,
                                          .filters = shape.back(),
                                          .window = transposed_window_on(name_, shape, window_, output_padding_),
                                          .grain = lowering.grain(),
                                          .bias = arguments_.use_bias,
                                          .relu = arguments_.plain_relu(),
                                          .learns = lowering.learns(),
                                          .input_gradient = lowering.wants_gradient(input),
                                          .bfloat16 = lowering.bfloat16()});
  const Value made = lowering.add1(std::move(kernel), {input}, arguments_.names());
  return {arguments_.finish(lowering, to_given(lowering, made, channels_first_))};
}

}  // namespace batchwise
