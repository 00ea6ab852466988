// SeparableConv2D: windows over each channel by itself, then a product over all channels.
#include "layers/depthwise_layer.h"

namespace batchwise {
namespace {

class SeparableConv2DLayer final : public DepthwiseLayer {
 public:
  explicit SeparableConv2DLayer(const Config& config) : DepthwiseLayer("SeparableConv2D", 2, true, config) {}
};

const RegisterLayer<SeparableConv2DLayer> registered{
    "SeparableConv2D", {"SeparableConvolution2D"}, DepthwiseLayer::examples(true)};

}  // namespace
}  // namespace batchwise
