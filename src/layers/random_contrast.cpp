// RandomContrast: pixels moved away from the mean of their channel, or towards it.
#include "layers/color_layer.h"

namespace batchwise {
namespace {

// One number f stands for (f, f): the contrast is drawn from 1 - f to 1 + f. Of a pair, from 1 - lower to 1 + upper.
FactorRange contrast_factor(const Config& value) {
  const FactorRange range = read_factor("RandomContrast.factor", value, 0, 1);
  return value.is_list() ? range : FactorRange{range.upper, range.upper};
}

class RandomContrastLayer final : public ColorLayer {
 public:
  explicit RandomContrastLayer(const Config& config)
      : ColorLayer("RandomContrast", config, contrast_factor(config.at("factor"))) {}

 private:
  Shift shift() const override {
    return [factor = factor()](const std::array<float, 4>& drawn) {
      const float least = 1 - factor.lower, most = 1 + factor.upper;
      return ColorShift{least + (most - least) * drawn[0], 0};
    };
  }
};

const RegisterLayer<RandomContrastLayer> registered{
    "RandomContrast",
    {},
    {Config::object({{"factor", 0.4}, {"value_range", Config::List{-9.0, 9.0}}}),
     Config::object({{"factor", Config::List{0.1, 0.5}}, {"value_range", Config::List{-9.0, 9.0}}})}};

}  // namespace
}  // namespace batchwise
