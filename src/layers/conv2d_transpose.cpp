// Conv2DTranspose: the transpose of Conv2D, from its outputs to its inputs.
#include "layers/transposed_convolution_layer.h"

#include "layers/convolution_layer.h"

namespace batchwise {
namespace {

class Conv2DTransposeLayer final : public TransposedConvolutionLayer {
 public:
  explicit Conv2DTransposeLayer(const Config& config) : TransposedConvolutionLayer("Conv2DTranspose", 2, config) {}
};

const RegisterLayer<Conv2DTransposeLayer> registered{
    "Conv2DTranspose",
    {"Convolution2DTranspose"},
    {convolution_example(3, 3, {{"strides", 2}}),
     convolution_example(3, 3, {{"strides", 2}, {"padding", "same"}, {"activation", "relu"}}),
     convolution_example(2, 2, {{"use_bias", false}, {"activation", "tanh"}})}};

}  // namespace
}  // namespace batchwise
