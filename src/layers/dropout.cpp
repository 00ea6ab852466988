// Dropout: while training, elements become 0 with probability `rate` and the others grow by 1 / (1 - rate).
#include "kernels/dropout.h"

#include "kernels/noise.h"
#include "layers/arguments.h"
#include "layers/noise_shape.h"
#include "layers/random_layer.h"

namespace batchwise {
namespace {

class DropoutLayer final : public RandomLayer {
 public:
  explicit DropoutLayer(const Config& config)
      : RandomLayer("Dropout", config, "rate"), noise_shape_("Dropout", config) {
    require_known_keys("Dropout", config, {"rate", "seed", "noise_shape"});
  }
  Config config() const override {
    return Config::object({{"rate", rate()}, {"seed", seed()}, {"noise_shape", noise_shape_.config()}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    noise_shape_.of_sample("Dropout", one_input("Dropout", inputs));
    return inputs;
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!acts(lowering)) return {inputs[0]};
    if (!noise_shape_.stated()) {
      const TensorType& type = lowering.type(inputs[0]);
      return {lowering.add1(make_dropout_kernel(rate(), key(lowering), type, lowering.grain()), {inputs[0]})};
    }
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    return {lowering.add1(make_noise_kernel(Noise::Dropout, rate(), noise_shape_.of_sample("Dropout", type.shape),
                                            key(lowering), type, lowering.grain()),
                          {input})};
  }

 private:
  NoiseShape noise_shape_;
};

const RegisterLayer<DropoutLayer> registered{
    "Dropout",
    {},
    {Config::object({{"rate", 0.5}}), Config::object({{"rate", 0.25}, {"seed", 7}}), Config::object({{"rate", 0.0}}),
     Config::object({{"rate", 0.5}, {"noise_shape", Config::List{Config(), Config(1), Config()}}})}};

}  // namespace
}  // namespace batchwise
