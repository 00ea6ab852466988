// UpSampling1D: every position of a line several times along each axis.
#include "layers/up_sampling_layer.h"

namespace batchwise {
namespace {

class UpSampling1DLayer final : public UpSamplingLayer {
 public:
  explicit UpSampling1DLayer(const Config& config) : UpSamplingLayer("UpSampling1D", 1, config) {}
};

const RegisterLayer<UpSampling1DLayer> registered{"UpSampling1D", {}, UpSamplingLayer::examples(1)};

}  // namespace
}  // namespace batchwise
