// DepthwiseConv1D: windows over each channel by itself.
#include "layers/depthwise_layer.h"

namespace batchwise {
namespace {

class DepthwiseConv1DLayer final : public DepthwiseLayer {
 public:
  explicit DepthwiseConv1DLayer(const Config& config) : DepthwiseLayer("DepthwiseConv1D", 1, false, config) {}
};

const RegisterLayer<DepthwiseConv1DLayer> registered{"DepthwiseConv1D", {}, DepthwiseLayer::examples(false)};

}  // namespace
}  // namespace batchwise
