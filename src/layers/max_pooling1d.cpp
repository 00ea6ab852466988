// MaxPooling1D: the largest value of each window of a line.
#include "layers/pooling_layer.h"

namespace batchwise {
namespace {

class MaxPooling1DLayer final : public PoolingLayer {
 public:
  explicit MaxPooling1DLayer(const Config& config) : PoolingLayer("MaxPooling1D", 1, make_max_pooling_kernel, config) {}
};

const RegisterLayer<MaxPooling1DLayer> registered{"MaxPooling1D", {"MaxPool1D"}, PoolingLayer::examples(1)};

}  // namespace
}  // namespace batchwise
