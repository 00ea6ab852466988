// GlobalAveragePooling3D: the mean of each channel over a volume.
#include "kernels/pooling.h"
#include "layers/global_pooling_layer.h"

namespace batchwise {
namespace {

class GlobalAveragePooling3DLayer final : public GlobalPoolingLayer {
 public:
  explicit GlobalAveragePooling3DLayer(const Config& config)
      : GlobalPoolingLayer("GlobalAveragePooling3D", 3, make_global_average_pooling_kernel, config) {}
};

const RegisterLayer<GlobalAveragePooling3DLayer> registered{
    "GlobalAveragePooling3D", {"GlobalAvgPool3D"}, GlobalPoolingLayer::examples()};

}  // namespace
}  // namespace batchwise
