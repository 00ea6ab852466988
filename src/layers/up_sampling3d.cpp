// UpSampling3D: every position of a volume several times along each axis.
#include "layers/up_sampling_layer.h"

namespace batchwise {
namespace {

class UpSampling3DLayer final : public UpSamplingLayer {
 public:
  explicit UpSampling3DLayer(const Config& config) : UpSamplingLayer("UpSampling3D", 3, config) {}
};

const RegisterLayer<UpSampling3DLayer> registered{"UpSampling3D", {}, UpSamplingLayer::examples(3)};

}  // namespace
}  // namespace batchwise
