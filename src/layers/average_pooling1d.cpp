// AveragePooling1D: the mean of each window of a line.
#include "layers/pooling_layer.h"

namespace batchwise {
namespace {

class AveragePooling1DLayer final : public PoolingLayer {
 public:
  explicit AveragePooling1DLayer(const Config& config)
      : PoolingLayer("AveragePooling1D", 1, make_average_pooling_kernel, config) {}
};

const RegisterLayer<AveragePooling1DLayer> registered{"AveragePooling1D", {"AvgPool1D"}, PoolingLayer::examples(1)};

}  // namespace
}  // namespace batchwise
