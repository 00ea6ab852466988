// Cropping2D: the inner part of an image.
#include "layers/border_layer.h"

namespace batchwise {
namespace {

class Cropping2DLayer final : public BorderLayer {
 public:
  explicit Cropping2DLayer(const Config& config) : BorderLayer("Cropping2D", "cropping", 2, stated(config)) {}

 private:
  // Unlike those of lines and volumes, Keras's for images crops nothing unless it is told to.
  static Config stated(Config config) {
    if (!config.find("cropping")) config.set("cropping", 0);
    return config;
  }
};

const RegisterLayer<Cropping2DLayer> registered{"Cropping2D", {}, BorderLayer::examples("cropping", 2)};

}  // namespace
}  // namespace batchwise
