// GaussianNoise: while training, adds normal noise of standard deviation `stddev`.
#include "kernels/noise.h"
#include "layers/arguments.h"
#include "layers/random_layer.h"

namespace batchwise {
namespace {

class GaussianNoiseLayer final : public RandomLayer {
 public:
  explicit GaussianNoiseLayer(const Config& config) : RandomLayer("GaussianNoise", config, "stddev") {
    require_known_keys("GaussianNoise", config, {"stddev", "seed"});
  }
  Config config() const override { return Config::object({{"stddev", rate()}, {"seed", seed()}}); }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!acts(lowering)) return {inputs[0]};
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    return {lowering.add1(
        make_noise_kernel(Noise::GaussianNoise, rate(), type.shape, key(lowering), type, lowering.grain()), {input})};
  }
};

const RegisterLayer<GaussianNoiseLayer> registered{
    "GaussianNoise", {}, {Config::object({{"stddev", 0.5}}), Config::object({{"stddev", 0.25}, {"seed", 7}})}};

}  // namespace
}  // namespace batchwise
