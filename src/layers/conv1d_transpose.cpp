// Conv1DTranspose: the transpose of Conv1D, from its outputs to its inputs.
#include "layers/transposed_convolution_layer.h"

#include "layers/convolution_layer.h"

namespace batchwise {
namespace {

class Conv1DTransposeLayer final : public TransposedConvolutionLayer {
 public:
  explicit Conv1DTransposeLayer(const Config& config) : TransposedConvolutionLayer("Conv1DTranspose", 1, config) {}
};

const RegisterLayer<Conv1DTransposeLayer> registered{
    "Conv1DTranspose",
    {"Convolution1DTranspose"},
    {convolution_example(3, 3, {{"strides", 2}}),
     convolution_example(3, 3, {{"padding", "same"}, {"activation", "relu"}})}};

}  // namespace
}  // namespace batchwise
