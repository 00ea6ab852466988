// GlobalMaxPooling2D: the largest value of each channel over an image.
#include "kernels/global_max.h"
#include "layers/global_pooling_layer.h"

namespace batchwise {
namespace {

class GlobalMaxPooling2DLayer final : public GlobalPoolingLayer {
 public:
  explicit GlobalMaxPooling2DLayer(const Config& config)
      : GlobalPoolingLayer("GlobalMaxPooling2D", 2, make_global_max_kernel, config) {}
};

const RegisterLayer<GlobalMaxPooling2DLayer> registered{
    "GlobalMaxPooling2D", {"GlobalMaxPool2D"}, GlobalPoolingLayer::examples()};

}  // namespace
}  // namespace batchwise
