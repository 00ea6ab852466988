// AdaptiveAveragePooling3D: the mean of each of so many windows that share out a volume.
#include "layers/adaptive_pooling_layer.h"

namespace batchwise {
namespace {

class AdaptiveAveragePooling3DLayer final : public AdaptivePoolingLayer {
 public:
  explicit AdaptiveAveragePooling3DLayer(const Config& config)
      : AdaptivePoolingLayer("AdaptiveAveragePooling3D", 3, make_average_pooling_kernel, config) {}
};

const RegisterLayer<AdaptiveAveragePooling3DLayer> registered{
    "AdaptiveAveragePooling3D", {}, AdaptivePoolingLayer::examples(3)};

}  // namespace
}  // namespace batchwise
