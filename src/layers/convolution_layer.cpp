// What Conv1D, Conv2D and Conv3D share.
#include "layers/convolution_layer.h"

#include <algorithm>

#include "kernels/convolution.h"
#include "kernels/depthwise.h"
#include "layers/arguments.h"

namespace batchwise {

ConvolutionLayer::ConvolutionLayer(std::string_view name, int rank, const Config& config)
    : name_(name), arguments_(name, config) {
  require_known_keys(name_, config,
                     {"filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups",
                      "activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer",
                      "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint"});
  channels_first_ = is_channels_first(name_, config);
  filters_ = config.at("filters").as_int("filters");
  require(filters_ > 0, name_, "filters must be positive. Got ", filters_, ".");
  config.at("kernel_size");
  window_ = {positive_ints(name_, config, "kernel_size", rank, 1), positive_ints(name_, config, "strides", rank, 1),
             positive_ints(name_, config, "dilation_rate", rank, 1), padding_of(name_, config, rank == 1)};
  groups_ = config.get("groups", 1);
  require(groups_ > 0 && filters_ % groups_ == 0, name_, "groups must divide filters, ", filters_, ". Got ", groups_,
          ".");
  const auto above_one = [](const std::vector<int64_t>& values) {
    return std::any_of(values.begin(), values.end(), [](int64_t value) { return value > 1; });
  };
  require(!above_one(window_.strides) || !above_one(window_.dilation), name_,
          "strides above 1 do not go with dilation_rate above 1. Got strides ", ints_config(window_.strides).text(),
          " and dilation_rate ", ints_config(window_.dilation).text(), ".");
}

Config ConvolutionLayer::config() const {
  Config config = Config::object({{"filters", filters_},
                                  {"kernel_size", ints_config(window_.size)},
                                  {"strides", ints_config(window_.strides)},
                                  {"padding", name_of(window_.padding)},
                                  {"data_format", data_format_name(channels_first_)},
                                  {"dilation_rate", ints_config(window_.dilation)},
                                  {"groups", groups_}});
  arguments_.append_to(config);
  return config;
}

Shapes ConvolutionLayer::output_shapes(const Shapes& inputs) const {
  const Shape shape = channels_last(one_input(name_, inputs), channels_first_);
  const Window window = window_on(name_, shape, window_);
  require(shape.back() > 0 && shape.back() % groups_ == 0, name_, "groups, ", groups_,
          ", must divide the channels of the input. Got ", shape.back(), ".");
  return {as_given(window.output_shape(filters_), channels_first_)};
}

std::vector<VariableSpec> ConvolutionLayer::variables(const Shapes& inputs) const {
  std::vector<int64_t> kernel = window_.size;
  kernel.push_back(channels_last(inputs[0], channels_first_).back() / groups_);
  kernel.push_back(filters_);
  return arguments_.variables(Shape(std::span<const int64_t>(kernel)), filters_);
}

std::vector<Value> ConvolutionLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = to_channels_last(name_, lowering, inputs[0], channels_first_);
  const Shape& shape = lowering.type(input).shape;
  const Window window = window_on(name_, shape, window_);
  // Groups of one channel each: no product has anything to sum, channels side by side have.
  const bool alone = groups_ == shape.back() && groups_ > 1 && window.rank <= 2;
  auto kernel = alone ? make_depthwise_kernel({.channels = shape.back(),
                                               .multiplier = filters_ / groups_,
                                               .window = window,
                                               .grain = lowering.grain(),
                                               .bias = arguments_.use_bias,
                                               .relu = arguments_.plain_relu(),
                                               .learns = lowering.learns(),
                                               .input_gradient = lowering.wants_gradient(input)})
                      : make_convolution_kernel({.channels = shape.back(),
                                                 .filters = filters_,
                                                 .groups = groups_,
                                                 .window = window,
                                                 .grain = lowering.grain(),
                                                 .bias = arguments_.use_bias,
                                                 .relu = arguments_.plain_relu(),
                                                 .learns = lowering.learns(),
                                                 .input_gradient = lowering.wants_gradient(input),
                                                 .winograd = !lowering.direct_convolution(),
                                                 .bfloat16 = lowering.bfloat16()});
  const Value made = lowering.add1(std::move(kernel), {input}, arguments_.names());
  if (!channels_first_) return {arguments_.finish(lowering, made)};
  return {arguments_.finish(lowering, to_given(lowering, made, true))};
}

Config convolution_example(int64_t filters, int64_t size, Config::Object rest) {
  Config config = Config::object({{"filters", filters}, {"kernel_size", size}});
  for (auto& [key, value] : rest) config.set(key, std::move(value));
  return config;
}

}  // namespace batchwise
