// GaussianDropout: while training, multiplies by normal noise around 1.
#include "kernels/noise.h"
#include "layers/arguments.h"
#include "layers/random_layer.h"

namespace batchwise {
namespace {

class GaussianDropoutLayer final : public RandomLayer {
 public:
  explicit GaussianDropoutLayer(const Config& config) : RandomLayer("GaussianDropout", config, "rate") {
    require_known_keys("GaussianDropout", config, {"rate", "seed"});
    require(rate() < 1, "GaussianDropout", "rate must be below 1, where the noise would have no end. Got ", rate(),
            ".");
  }
  Config config() const override { return Config::object({{"rate", rate()}, {"seed", seed()}}); }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!acts(lowering)) return {inputs[0]};
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    return {lowering.add1(
        make_noise_kernel(Noise::GaussianDropout, rate(), type.shape, key(lowering), type, lowering.grain()), {input})};
  }
};

const RegisterLayer<GaussianDropoutLayer> registered{
    "GaussianDropout", {}, {Config::object({{"rate", 0.5}}), Config::object({{"rate", 0.25}, {"seed", 7}})}};

}  // namespace
}  // namespace batchwise
