// MaxPooling2D: the largest value of each window of an image.
#include "layers/pooling2d_layer.h"

namespace batchwise {
namespace {

class MaxPooling2DLayer final : public Pooling2DLayer {
 public:
  explicit MaxPooling2DLayer(const Config& config)
      : Pooling2DLayer("MaxPooling2D", make_max_pooling2d_kernel, config) {}
};

const RegisterLayer<MaxPooling2DLayer> registered{"MaxPooling2D", {"MaxPool2D"}, Pooling2DLayer::examples()};

}  // namespace
}  // namespace batchwise
