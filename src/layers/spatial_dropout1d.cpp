// SpatialDropout1D: dropout of whole channels, the same at every step.
#include "layers/spatial_dropout.h"

namespace batchwise {
namespace {

class SpatialDropout1DLayer final : public SpatialDropoutLayer {
 public:
  explicit SpatialDropout1DLayer(const Config& config) : SpatialDropoutLayer("SpatialDropout1D", 1, config) {}
};

const RegisterLayer<SpatialDropout1DLayer> registered{"SpatialDropout1D", {}, {Config::object({{"rate", 0.5}})}};

}  // namespace
}  // namespace batchwise
