// Cropping3D: the inner part of a volume.
#include "layers/border_layer.h"

namespace batchwise {
namespace {

class Cropping3DLayer final : public BorderLayer {
 public:
  explicit Cropping3DLayer(const Config& config) : BorderLayer("Cropping3D", "cropping", 3, config) {}
};

const RegisterLayer<Cropping3DLayer> registered{"Cropping3D", {}, BorderLayer::examples("cropping", 3)};

}  // namespace
}  // namespace batchwise
