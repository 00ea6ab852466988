// MaxPooling2D: the largest value of each window of an image.
#include "layers/pooling_layer.h"

namespace batchwise {
namespace {

class MaxPooling2DLayer final : public PoolingLayer {
 public:
  explicit MaxPooling2DLayer(const Config& config) : PoolingLayer("MaxPooling2D", 2, make_max_pooling_kernel, config) {}
};

const RegisterLayer<MaxPooling2DLayer> registered{"MaxPooling2D", {"MaxPool2D"}, PoolingLayer::examples(2)};

}  // namespace
}  // namespace batchwise
