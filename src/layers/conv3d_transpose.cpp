// Conv3DTranspose: the transpose of Conv3D, from its outputs to its inputs.
#include "layers/transposed_convolution_layer.h"

#include "layers/convolution_layer.h"

namespace batchwise {
namespace {

class Conv3DTransposeLayer final : public TransposedConvolutionLayer {
 public:
  explicit Conv3DTransposeLayer(const Config& config) : TransposedConvolutionLayer("Conv3DTranspose", 3, config) {}
};

const RegisterLayer<Conv3DTransposeLayer> registered{
    "Conv3DTranspose", {"Convolution3DTranspose"}, {convolution_example(3, 2, {{"strides", 2}})}};

}  // namespace
}  // namespace batchwise
