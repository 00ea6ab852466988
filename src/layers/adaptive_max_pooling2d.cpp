// AdaptiveMaxPooling2D: the largest value of each of so many windows that share out an image.
#include "layers/adaptive_pooling_layer.h"

namespace batchwise {
namespace {

class AdaptiveMaxPooling2DLayer final : public AdaptivePoolingLayer {
 public:
  explicit AdaptiveMaxPooling2DLayer(const Config& config)
      : AdaptivePoolingLayer("AdaptiveMaxPooling2D", 2, make_max_pooling_kernel, config) {}
};

const RegisterLayer<AdaptiveMaxPooling2DLayer> registered{
    "AdaptiveMaxPooling2D", {}, AdaptivePoolingLayer::examples(2)};

}  // namespace
}  // namespace batchwise
