// Conv3D over volumes: activation(convolution of the volume with kernel + bias).
#include "layers/convolution_layer.h"

namespace batchwise {
namespace {

class Conv3DLayer final : public ConvolutionLayer {
 public:
  explicit Conv3DLayer(const Config& config) : ConvolutionLayer("Conv3D", 3, config) {}
};

const RegisterLayer<Conv3DLayer> registered{
    "Conv3D",
    {"Convolution3D"},
    {convolution_example(4, 2), convolution_example(5, 2, {{"padding", "same"}, {"strides", 2}})}};

}  // namespace
}  // namespace batchwise
