// AdaptiveAveragePooling2D: the mean of each of so many windows that share out an image.
#include "layers/adaptive_pooling_layer.h"

namespace batchwise {
namespace {

class AdaptiveAveragePooling2DLayer final : public AdaptivePoolingLayer {
 public:
  explicit AdaptiveAveragePooling2DLayer(const Config& config)
      : AdaptivePoolingLayer("AdaptiveAveragePooling2D", 2, make_average_pooling_kernel, config) {}
};

const RegisterLayer<AdaptiveAveragePooling2DLayer> registered{
    "AdaptiveAveragePooling2D", {}, AdaptivePoolingLayer::examples(2)};

}  // namespace
}  // namespace batchwise
