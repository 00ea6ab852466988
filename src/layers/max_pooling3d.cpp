// MaxPooling3D: the largest value of each window of a volume.
#include "layers/pooling_layer.h"

namespace batchwise {
namespace {

class MaxPooling3DLayer final : public PoolingLayer {
 public:
  explicit MaxPooling3DLayer(const Config& config) : PoolingLayer("MaxPooling3D", 3, make_max_pooling_kernel, config) {}
};

const RegisterLayer<MaxPooling3DLayer> registered{"MaxPooling3D", {"MaxPool3D"}, PoolingLayer::examples(3)};

}  // namespace
}  // namespace batchwise
