// SpatialDropout2D: dropout of whole channels, the same at every place.
#include "layers/spatial_dropout.h"

namespace batchwise {
namespace {

class SpatialDropout2DLayer final : public SpatialDropoutLayer {
 public:
  explicit SpatialDropout2DLayer(const Config& config) : SpatialDropoutLayer("SpatialDropout2D", 2, config) {}
};

const RegisterLayer<SpatialDropout2DLayer> registered{"SpatialDropout2D", {}, {Config::object({{"rate", 0.5}})}};

}  // namespace
}  // namespace batchwise
