// ZeroPadding1D: zeros around a line.
#include "layers/border_layer.h"

namespace batchwise {
namespace {

class ZeroPadding1DLayer final : public BorderLayer {
 public:
  explicit ZeroPadding1DLayer(const Config& config) : BorderLayer("ZeroPadding1D", "padding", 1, config) {}
};

const RegisterLayer<ZeroPadding1DLayer> registered{"ZeroPadding1D", {}, BorderLayer::examples("padding", 1)};

}  // namespace
}  // namespace batchwise
