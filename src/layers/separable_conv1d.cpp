// SeparableConv1D: windows over each channel by itself, then a product over all channels.
#include "layers/depthwise_layer.h"

namespace batchwise {
namespace {

class SeparableConv1DLayer final : public DepthwiseLayer {
 public:
  explicit SeparableConv1DLayer(const Config& config) : DepthwiseLayer("SeparableConv1D", 1, true, config) {}
};

const RegisterLayer<SeparableConv1DLayer> registered{
    "SeparableConv1D", {"SeparableConvolution1D"}, DepthwiseLayer::examples(true)};

}  // namespace
}  // namespace batchwise
