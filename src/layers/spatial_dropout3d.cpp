// SpatialDropout3D: dropout of whole channels, the same at every place.
#include "layers/spatial_dropout.h"

namespace batchwise {
namespace {

class SpatialDropout3DLayer final : public SpatialDropoutLayer {
 public:
  explicit SpatialDropout3DLayer(const Config& config) : SpatialDropoutLayer("SpatialDropout3D", 3, config) {}
};

const RegisterLayer<SpatialDropout3DLayer> registered{"SpatialDropout3D", {}, {Config::object({{"rate", 0.5}})}};

}  // namespace
}  // namespace batchwise
