// Conv2D over images: activation(convolution of the image with kernel + bias).
#include "layers/convolution_layer.h"

namespace batchwise {
namespace {

class Conv2DLayer final : public ConvolutionLayer {
 public:
  explicit Conv2DLayer(const Config& config) : ConvolutionLayer("Conv2D", 2, config) {}
};

const RegisterLayer<Conv2DLayer> registered{
    "Conv2D",
    {"Convolution2D"},
    {convolution_example(4, 3), convolution_example(17, 3, {{"padding", "same"}, {"activation", "relu"}}),
     convolution_example(4, 2, {{"strides", 2}, {"padding", "same"}, {"use_bias", false}}),
     convolution_example(6, 3,
                         {{"padding", "same"}, {"dilation_rate", Config(Config::List{2, 1})}, {"activation", "tanh"}}),
     convolution_example(5, 1, {{"activation", "softmax"}}),
     convolution_example(4, 3, {{"data_format", "channels_first"}, {"padding", "same"}})}};

}  // namespace
}  // namespace batchwise
