// Conv1D over lines: activation(convolution of the steps with kernel + bias).
#include "layers/convolution_layer.h"

namespace batchwise {
namespace {

class Conv1DLayer final : public ConvolutionLayer {
 public:
  explicit Conv1DLayer(const Config& config) : ConvolutionLayer("Conv1D", 1, config) {}
};

const RegisterLayer<Conv1DLayer> registered{
    "Conv1D",
    {"Convolution1D"},
    {convolution_example(4, 3), convolution_example(17, 3, {{"padding", "causal"}, {"activation", "relu"}}),
     convolution_example(4, 2, {{"strides", 2}, {"padding", "same"}, {"use_bias", false}})}};

}  // namespace
}  // namespace batchwise
