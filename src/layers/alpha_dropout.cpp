// AlphaDropout: dropout that keeps the mean and the variance of what selu gives.
#include "kernels/noise.h"
#include "layers/arguments.h"
#include "layers/noise_shape.h"
#include "layers/random_layer.h"

namespace batchwise {
namespace {

class AlphaDropoutLayer final : public RandomLayer {
 public:
  explicit AlphaDropoutLayer(const Config& config)
      : RandomLayer("AlphaDropout", config, "rate"), noise_shape_("AlphaDropout", config) {
    require_known_keys("AlphaDropout", config, {"rate", "seed", "noise_shape"});
    require(rate() < 1, "AlphaDropout", "rate must be below 1, where nothing would be left. Got ", rate(), ".");
  }
  Config config() const override {
    return Config::object({{"rate", rate()}, {"seed", seed()}, {"noise_shape", noise_shape_.config()}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    noise_shape_.of_sample("AlphaDropout", one_input("AlphaDropout", inputs));
    return inputs;
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!acts(lowering)) return {inputs[0]};
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    return {
        lowering.add1(make_noise_kernel(Noise::AlphaDropout, rate(), noise_shape_.of_sample("AlphaDropout", type.shape),
                                        key(lowering), type, lowering.grain()),
                      {input})};
  }

 private:
  NoiseShape noise_shape_;
};

const RegisterLayer<AlphaDropoutLayer> registered{
    "AlphaDropout", {}, {Config::object({{"rate", 0.5}}), Config::object({{"rate", 0.25}, {"seed", 7}})}};

}  // namespace
}  // namespace batchwise
