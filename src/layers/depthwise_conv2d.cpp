// DepthwiseConv2D: windows over each channel by itself.
#include "layers/depthwise_layer.h"

namespace batchwise {
namespace {

class DepthwiseConv2DLayer final : public DepthwiseLayer {
 public:
  explicit DepthwiseConv2DLayer(const Config& config) : DepthwiseLayer("DepthwiseConv2D", 2, false, config) {}
};

const RegisterLayer<DepthwiseConv2DLayer> registered{"DepthwiseConv2D", {}, DepthwiseLayer::examples(false)};

}  // namespace
}  // namespace batchwise
