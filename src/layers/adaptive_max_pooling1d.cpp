// AdaptiveMaxPooling1D: the largest value of each of so many windows that share out a line.
#include "layers/adaptive_pooling_layer.h"

namespace batchwise {
namespace {

class AdaptiveMaxPooling1DLayer final : public AdaptivePoolingLayer {
 public:
  explicit AdaptiveMaxPooling1DLayer(const Config& config)
      : AdaptivePoolingLayer("AdaptiveMaxPooling1D", 1, make_max_pooling_kernel, config) {}
};

const RegisterLayer<AdaptiveMaxPooling1DLayer> registered{
    "AdaptiveMaxPooling1D", {}, AdaptivePoolingLayer::examples(1)};

}  // namespace
}  // namespace batchwise
