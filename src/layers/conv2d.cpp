// Conv2D: activation(convolution of the image with kernel + bias).
#include "kernels/conv2d.h"

#include "layers/arguments.h"
#include "layers/kernel_and_bias.h"
#include "layers/window_arguments.h"

namespace batchwise {
namespace {

class Conv2DLayer final : public Layer {
 public:
  explicit Conv2DLayer(const Config& config) : arguments_("Conv2D", config) {
    require_known_keys("Conv2D", config,
                       {"filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups",
                        "activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer",
                        "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint"});
    require_channels_last("Conv2D", config);
    filters_ = config.at("filters").as_int("Conv2D.filters");
    require(filters_ > 0, "Conv2D", "filters must be positive. Got ", filters_, ".");
    config.at("kernel_size");
    kernel_size_ = positive_pair("Conv2D", config, "kernel_size", 1);
    strides_ = positive_pair("Conv2D", config, "strides", 1);
    dilation_ = positive_pair("Conv2D", config, "dilation_rate", 1);
    same_ = is_same_padding("Conv2D", config);
    groups_ = config.get("groups", 1);
    require(groups_ > 0 && filters_ % groups_ == 0, "Conv2D", "groups must divide filters, ", filters_, ". Got ",
            groups_, ".");
    const bool strided = strides_[0] > 1 || strides_[1] > 1, dilated = dilation_[0] > 1 || dilation_[1] > 1;
    require(!strided || !dilated, "Conv2D", "strides above 1 do not go with dilation_rate above 1. Got strides (",
            strides_[0], ", ", strides_[1], ") and dilation_rate (", dilation_[0], ", ", dilation_[1], ").");
  }

  std::string_view class_name() const override { return "Conv2D"; }
  Config config() const override {
    Config config = Config::object({{"filters", filters_},
                                    {"kernel_size", pair_config(kernel_size_)},
                                    {"strides", pair_config(strides_)},
                                    {"padding", same_ ? "same" : "valid"},
                                    {"data_format", "channels_last"},
                                    {"dilation_rate", pair_config(dilation_)},
                                    {"groups", groups_}});
    arguments_.append_to(config);
    return config;
  }

  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& image = one_input("Conv2D", inputs);
    const Window2D window = window_of(image);
    require(image[2] > 0 && image[2] % groups_ == 0, "Conv2D", "groups, ", groups_,
            ", must divide the channels of the input. Got ", image[2], ".");
    return {{window.height.output, window.width.output, filters_}};
  }

  std::vector<VariableSpec> variables(const Shapes& inputs) const override {
    return arguments_.variables({kernel_size_[0], kernel_size_[1], inputs[0][2] / groups_, filters_}, filters_);
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = plain_image("Conv2D", lowering, inputs[0]);
    const Shape& image = lowering.type(input).shape;
    auto kernel = make_conv2d_kernel({.channels = image[2],
                                      .filters = filters_,
                                      .groups = groups_,
                                      .window = window_of(image),
                                      .grain = lowering.grain(),
                                      .bias = arguments_.use_bias,
                                      .relu = arguments_.plain_relu(),
                                      .learns = lowering.learns(),
                                      .input_gradient = lowering.wants_gradient(input)});
    return {arguments_.finish(lowering, lowering.add1(std::move(kernel), {input}, arguments_.names()))};
  }

 private:
  Window2D window_of(const Shape& image) const {
    return window_on("Conv2D", image, kernel_size_, strides_, dilation_, same_);
  }

  KernelAndBias arguments_;
  int64_t filters_ = 0, groups_ = 1;
  std::array<int64_t, 2> kernel_size_{}, strides_{}, dilation_{};
  bool same_ = false;
};

Config example(int64_t filters, int64_t size, Config::Object rest) {
  Config config = Config::object({{"filters", filters}, {"kernel_size", size}});
  for (auto& [key, value] : rest) config.set(key, std::move(value));
  return config;
}

const RegisterLayer<Conv2DLayer> registered{
    "Conv2D",
    {"Convolution2D"},
    {example(4, 3, {}), example(17, 3, {{"padding", "same"}, {"activation", "relu"}}),
     example(4, 2, {{"strides", 2}, {"padding", "same"}, {"use_bias", false}}),
     example(6, 3, {{"padding", "same"}, {"dilation_rate", Config(Config::List{2, 1})}, {"activation", "tanh"}}),
     example(5, 1, {{"activation", "softmax"}})}};

}  // namespace
}  // namespace batchwise
