// Cropping2D: the inner part of an image.
#include "layers/border_layer.h"

namespace batchwise {
namespace {

class Cropping2DLayer final : public BorderLayer {
 public:
  explicit Cropping2DLayer(const Config& config) : BorderLayer("Cropping2D", "cropping", 2, config) {}
};

const RegisterLayer<Cropping2DLayer> registered{"Cropping2D", {}, BorderLayer::examples("cropping", 2)};

}  // namespace
}  // namespace batchwise
