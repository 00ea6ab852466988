// GlobalMaxPooling1D: the largest value of each channel over a line.
#include "kernels/global_max.h"
#include "layers/global_pooling_layer.h"

namespace batchwise {
namespace {

class GlobalMaxPooling1DLayer final : public GlobalPoolingLayer {
 public:
  explicit GlobalMaxPooling1DLayer(const Config& config)
      : GlobalPoolingLayer("GlobalMaxPooling1D", 1, make_global_max_kernel, config) {}
};

const RegisterLayer<GlobalMaxPooling1DLayer> registered{
    "GlobalMaxPooling1D", {"GlobalMaxPool1D"}, GlobalPoolingLayer::examples()};

}  // namespace
}  // namespace batchwise
