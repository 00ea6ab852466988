// AveragePooling2D: the mean of each window of an image.
#include "layers/pooling_layer.h"

namespace batchwise {
namespace {

class AveragePooling2DLayer final : public PoolingLayer {
 public:
  explicit AveragePooling2DLayer(const Config& config)
      : PoolingLayer("AveragePooling2D", 2, make_average_pooling_kernel, config) {}
};

const RegisterLayer<AveragePooling2DLayer> registered{"AveragePooling2D", {"AvgPool2D"}, PoolingLayer::examples(2)};

}  // namespace
}  // namespace batchwise
