// GlobalMaxPooling3D: the largest value of each channel over a volume.
#include "kernels/global_max.h"
#include "layers/global_pooling_layer.h"

namespace batchwise {
namespace {

class GlobalMaxPooling3DLayer final : public GlobalPoolingLayer {
 public:
  explicit GlobalMaxPooling3DLayer(const Config& config)
      : GlobalPoolingLayer("GlobalMaxPooling3D", 3, make_global_max_kernel, config) {}
};

const RegisterLayer<GlobalMaxPooling3DLayer> registered{
    "GlobalMaxPooling3D", {"GlobalMaxPool3D"}, GlobalPoolingLayer::examples()};

}  // namespace
}  // namespace batchwise
