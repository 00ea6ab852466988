// UpSampling2D: every position of a image several times along each axis.
#include "layers/up_sampling_layer.h"

namespace batchwise {
namespace {

class UpSampling2DLayer final : public UpSamplingLayer {
 public:
  explicit UpSampling2DLayer(const Config& config) : UpSamplingLayer("UpSampling2D", 2, config) {}
};

const RegisterLayer<UpSampling2DLayer> registered{"UpSampling2D", {}, UpSamplingLayer::examples(2)};

}  // namespace
}  // namespace batchwise
