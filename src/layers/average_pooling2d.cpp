// AveragePooling2D: the mean of each window of an image.
#include "layers/pooling2d_layer.h"

namespace batchwise {
namespace {

class AveragePooling2DLayer final : public Pooling2DLayer {
 public:
  explicit AveragePooling2DLayer(const Config& config)
      : Pooling2DLayer("AveragePooling2D", make_average_pooling2d_kernel, config) {}
};

const RegisterLayer<AveragePooling2DLayer> registered{"AveragePooling2D", {"AvgPool2D"}, Pooling2DLayer::examples()};

}  // namespace
}  // namespace batchwise
