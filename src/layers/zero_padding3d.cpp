// ZeroPadding3D: zeros around a volume.
#include "layers/border_layer.h"

namespace batchwise {
namespace {

class ZeroPadding3DLayer final : public BorderLayer {
 public:
  explicit ZeroPadding3DLayer(const Config& config) : BorderLayer("ZeroPadding3D", "padding", 3, config) {}
};

const RegisterLayer<ZeroPadding3DLayer> registered{"ZeroPadding3D", {}, BorderLayer::examples("padding", 3)};

}  // namespace
}  // namespace batchwise
