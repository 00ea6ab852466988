// AdaptiveMaxPooling3D: the largest value of each of so many windows that share out a volume.
#include "layers/adaptive_pooling_layer.h"

namespace batchwise {
namespace {

class AdaptiveMaxPooling3DLayer final : public AdaptivePoolingLayer {
 public:
  explicit AdaptiveMaxPooling3DLayer(const Config& config)
      : AdaptivePoolingLayer("AdaptiveMaxPooling3D", 3, make_max_pooling_kernel, config) {}
};

const RegisterLayer<AdaptiveMaxPooling3DLayer> registered{
    "AdaptiveMaxPooling3D", {}, AdaptivePoolingLayer::examples(3)};

}  // namespace
}  // namespace batchwise
