// GlobalAveragePooling2D: the mean of each channel over an image.
#include "kernels/pooling.h"
#include "layers/global_pooling_layer.h"

namespace batchwise {
namespace {

class GlobalAveragePooling2DLayer final : public GlobalPoolingLayer {
 public:
  explicit GlobalAveragePooling2DLayer(const Config& config)
      : GlobalPoolingLayer("GlobalAveragePooling2D", 2, make_global_average_pooling_kernel, config) {}
};

const RegisterLayer<GlobalAveragePooling2DLayer> registered{
    "GlobalAveragePooling2D", {"GlobalAvgPool2D"}, GlobalPoolingLayer::examples()};

}  // namespace
}  // namespace batchwise
