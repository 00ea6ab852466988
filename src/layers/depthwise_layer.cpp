// What depthwise and separable convolutions share.
#include "layers/depthwise_layer.h"

#include "kernels/dense.h"
#include "kernels/depthwise.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

// The config of a kernel and a bias from keys that begin with `prefix` ("depthwise_initializer").
Config arguments_of(const Config& config, const std::string& prefix) {
  Config out = config;
  for (const char* what : {"initializer", "regularizer", "constraint"})
    if (const Config* value = config.find(prefix + what)) out.set(std::string("kernel_") + what, *value);
  return out;
}

}  // namespace

DepthwiseLayer::DepthwiseLayer(std::string_view name, int rank, bool separable, const Config& config)
    : name_(name),
      separable_(separable),
      depthwise_(name, arguments_of(config, "depthwise_")),
      pointwise_(name, arguments_of(config, "pointwise_")) {
  if (separable)
    require_known_keys(name_, config,
                       {"depth_multiplier", "filters", "kernel_size", "strides", "padding", "data_format",
                        "dilation_rate", "activation", "use_bias", "depthwise_initializer", "pointwise_initializer",
                        "bias_initializer", "depthwise_regularizer", "pointwise_regularizer", "bias_regularizer",
                        "activity_regularizer", "depthwise_constraint", "pointwise_constraint", "bias_constraint"});
  else
    require_known_keys(name_, config,
                       {"depth_multiplier", "kernel_size", "strides", "padding", "data_format", "dilation_rate",
                        "activation", "use_bias", "depthwise_initializer", "bias_initializer", "depthwise_regularizer",
                        "bias_regularizer", "activity_regularizer", "depthwise_constraint", "bias_constraint"});
  channels_first_ = is_channels_first(name_, config);
  multiplier_ = config.get("depth_multiplier", 1);
  require(multiplier_ > 0, name_, "depth_multiplier must be positive. Got ", multiplier_, ".");
  if (separable) {
    filters_ = config.at("filters").as_int("filters");
    require(filters_ > 0, name_, "filters must be positive. Got ", filters_, ".");
  }
  config.at("kernel_size");
  window_ = {positive_ints(name_, config, "kernel_size", rank, 1), positive_ints(name_, config, "strides", rank, 1),
             positive_ints(name_, config, "dilation_rate", rank, 1), padding_of(name_, config, rank == 1 && separable)};
}

Config DepthwiseLayer::config() const {
  Config config = Config::object({{"depth_multiplier", multiplier_}});
  if (separable_) config.set("filters", filters_);
  config.set("kernel_size", ints_config(window_.size));
  config.set("strides", ints_config(window_.strides));
  config.set("padding", name_of(window_.padding));
  config.set("data_format", data_format_name(channels_first_));
  config.set("dilation_rate", ints_config(window_.dilation));
  Config depthwise = Config(Config::Object{}), pointwise = depthwise;
  depthwise_.append_to(depthwise);
  pointwise_.append_to(pointwise);
  for (const auto& [key, value] : depthwise.as_object()) {
    if (!key.starts_with("kernel_")) {
      config.set(key, value);
      continue;
    }
    const std::string what = key.substr(7);
    config.set("depthwise_" + what, value);
    if (separable_) config.set("pointwise_" + what, pointwise.at(key));
  }
  return config;
}

int64_t DepthwiseLayer::channels(const Shape& input) const { return channels_last(input, channels_first_).back(); }

Shapes DepthwiseLayer::output_shapes(const Shapes& inputs) const {
  const Shape shape = channels_last(one_input(name_, inputs), channels_first_);
  const Window window = window_on(name_, shape, window_);
  require(shape.back() > 0, name_, "the channels must not be empty. Got ", inputs[0], ".");
  return {as_given(window.output_shape(separable_ ? filters_ : shape.back() * multiplier_), channels_first_)};
}

std::vector<VariableSpec> DepthwiseLayer::variables(const Shapes& inputs) const {
  std::vector<int64_t> kernel = window_.size;
  kernel.push_back(channels(inputs[0]));
  kernel.push_back(multiplier_);
  const Shape shape{std::span<const int64_t>(kernel)};
  std::vector<VariableSpec> specs = depthwise_.variables(shape, channels(inputs[0]) * multiplier_);
  if (!separable_) return specs;
  specs.resize(1);
  specs[0].name = "depthwise_kernel";
  std::vector<int64_t> product(window_.size.size(), 1);
  product.push_back(channels(inputs[0]) * multiplier_);
  product.push_back(filters_);
  for (VariableSpec spec : pointwise_.variables(Shape(std::span<const int64_t>(product)), filters_)) {
    if (spec.name == "kernel") spec.name = "pointwise_kernel";
    specs.push_back(std::move(spec));
  }
  return specs;
}

std::vector<Value> DepthwiseLayer::lower(Lowering& lowering, std::span<const Value> inputs) const {
  const Value input = to_channels_last(name_, lowering, inputs[0], channels_first_);
  const Shape shape = lowering.type(input).shape;
  const bool bias = !separable_ && depthwise_.use_bias;
  std::vector<std::string> names = {separable_ ? "depthwise_kernel" : "kernel"};
  if (bias) names.push_back("bias");
  Value value = lowering.add1(make_depthwise_kernel({.channels = shape.back(),
                                                     .multiplier = multiplier_,
                                                     .window = window_on(name_, shape, window_),
                                                     .grain = lowering.grain(),
                                                     .bias = bias,
                                                     .learns = lowering.learns()}),
                              {input}, names);
  bool relu = false;
  if (separable_) {
    names = {"pointwise_kernel"};
    if (pointwise_.use_bias) names.push_back("bias");
    relu = pointwise_.plain_relu();
    value = lowering.add1(make_dense_kernel({.input = lowering.type(value),
                                             .units = filters_,
                                             .grain = lowering.grain(),
                                             .bias = pointwise_.use_bias,
                                             .relu = relu,
                                             .learns = lowering.learns(),
                                             .input_gradient = lowering.wants_gradient(value),
                                             .bfloat16 = lowering.bfloat16()}),
                          {value}, names);
  }
  return {depthwise_.finish(lowering, to_given(lowering, value, channels_first_), relu)};
}

std::vector<Config> DepthwiseLayer::examples(bool separable) {
  std::vector<Config> all = {
      Config::object({{"kernel_size", 3}}),
      Config::object({{"kernel_size", 2}, {"strides", 2}, {"padding", "same"}, {"activation", "relu"}}),
      Config::object({{"kernel_size", 2}, {"depth_multiplier", 2}, {"use_bias", false}, {"activation", "tanh"}})};
  if (separable)
    for (Config& config : all) config.set("filters", 5);
  return all;
}

}  // namespace batchwise
