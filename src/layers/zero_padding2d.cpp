// ZeroPadding2D: zeros around an image.
#include "layers/border_layer.h"

namespace batchwise {
namespace {

class ZeroPadding2DLayer final : public BorderLayer {
 public:
  explicit ZeroPadding2DLayer(const Config& config) : BorderLayer("ZeroPadding2D", "padding", 2, config) {}
};

const RegisterLayer<ZeroPadding2DLayer> registered{"ZeroPadding2D", {}, BorderLayer::examples("padding", 2)};

}  // namespace
}  // namespace batchwise
