// RandomRotation: images turned about their middle by a part of a full turn.
#include <cmath>
#include <numbers>

#include "layers/arguments.h"
#include "layers/augmentation.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "RandomRotation";

class RandomRotationLayer final : public WarpLayer {
 public:
  explicit RandomRotationLayer(const Config& config)
      : WarpLayer(config), factor_(read_factor("RandomRotation.factor", config.at("factor"), -1, 1)) {
    require_known_keys(kWhere, config, {"factor", "fill_mode", "fill_value", "interpolation", "seed", "data_format"});
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    Config::Object all = shared_config();
    all.emplace_back("factor", config_of(factor_));
    return all;
  }

 private:
  std::function<WarpMap(const std::array<float, 4>&)> map(const Shape& image) const override {
    const auto right = static_cast<float>(image[1] - 1), bottom = static_cast<float>(image[0] - 1);
    return [right, bottom, factor = factor_](const std::array<float, 4>& drawn) {
      const float angle = factor.at(drawn[0]) * 2 * std::numbers::pi_v<float>;
      const float c = std::cos(angle), s = std::sin(angle);
      return WarpMap{c, -s, (right - (c * right - s * bottom)) / 2, s, c, (bottom - (s * right + c * bottom)) / 2};
    };
  }
  FactorRange factor_;
};

const RegisterLayer<RandomRotationLayer> registered{
    "RandomRotation",
    {},
    {Config::object({{"factor", 0.2}}),
     Config::object({{"factor", Config::List{-0.1, 0.3}}, {"fill_mode", "constant"}, {"fill_value", 1.5}}),
     Config::object({{"factor", 0.2}, {"fill_mode", "wrap"}, {"interpolation", "nearest"}})}};

}  // namespace
}  // namespace batchwise
