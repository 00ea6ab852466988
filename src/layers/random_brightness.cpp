// RandomBrightness: all pixels made brighter or darker by a part of the range of values.
#include "layers/color_layer.h"

namespace batchwise {
namespace {

class RandomBrightnessLayer final : public ColorLayer {
 public:
  explicit RandomBrightnessLayer(const Config& config)
      : ColorLayer("RandomBrightness", config, read_factor("RandomBrightness.factor", config.at("factor"), -1, 1)) {}

 private:
  Shift shift() const override {
    return [factor = factor(), range = range()](const std::array<float, 4>& drawn) {
      return ColorShift{1, factor.at(drawn[0]) * range};
    };
  }
};

const RegisterLayer<RandomBrightnessLayer> registered{
    "RandomBrightness",
    {},
    {Config::object({{"factor", 0.4}, {"value_range", Config::List{-9.0, 9.0}}}),
     Config::object({{"factor", Config::List{0.1, 0.5}}, {"value_range", Config::List{-9.0, 9.0}}})}};

}  // namespace
}  // namespace batchwise
