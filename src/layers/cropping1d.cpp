// Cropping1D: the inner part of a line.
#include "layers/border_layer.h"

namespace batchwise {
namespace {

class Cropping1DLayer final : public BorderLayer {
 public:
  explicit Cropping1DLayer(const Config& config) : BorderLayer("Cropping1D", "cropping", 1, config) {}
};

const RegisterLayer<Cropping1DLayer> registered{"Cropping1D", {}, BorderLayer::examples("cropping", 1)};

}  // namespace
}  // namespace batchwise
