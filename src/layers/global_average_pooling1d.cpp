// GlobalAveragePooling1D: the mean of each channel over a line, of the steps that count.
#include "kernels/masked_mean.h"
#include "kernels/pooling.h"
#include "layers/global_pooling_layer.h"

namespace batchwise {
namespace {

class GlobalAveragePooling1DLayer final : public GlobalPoolingLayer {
 public:
  explicit GlobalAveragePooling1DLayer(const Config& config)
      : GlobalPoolingLayer("GlobalAveragePooling1D", 1, make_global_average_pooling_kernel, config,
                           make_masked_mean_kernel) {}
};

const RegisterLayer<GlobalAveragePooling1DLayer> registered{
    "GlobalAveragePooling1D", {"GlobalAvgPool1D"}, GlobalPoolingLayer::examples()};

}  // namespace
}  // namespace batchwise
