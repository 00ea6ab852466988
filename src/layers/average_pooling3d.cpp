// AveragePooling3D: the mean of each window of a volume.
#include "layers/pooling_layer.h"

namespace batchwise {
namespace {

class AveragePooling3DLayer final : public PoolingLayer {
 public:
  explicit AveragePooling3DLayer(const Config& config)
      : PoolingLayer("AveragePooling3D", 3, make_average_pooling_kernel, config) {}
};

const RegisterLayer<AveragePooling3DLayer> registered{"AveragePooling3D", {"AvgPool3D"}, PoolingLayer::examples(3)};

}  // namespace
}  // namespace batchwise
