// AdaptiveAveragePooling1D: the mean of each of so many windows that share out a line.
#include "layers/adaptive_pooling_layer.h"

namespace batchwise {
namespace {

class AdaptiveAveragePooling1DLayer final : public AdaptivePoolingLayer {
 public:
  explicit AdaptiveAveragePooling1DLayer(const Config& config)
      : AdaptivePoolingLayer("AdaptiveAveragePooling1D", 1, make_average_pooling_kernel, config) {}
};

const RegisterLayer<AdaptiveAveragePooling1DLayer> registered{
    "AdaptiveAveragePooling1D", {}, AdaptivePoolingLayer::examples(1)};

}  // namespace
}  // namespace batchwise
