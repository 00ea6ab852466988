// RandomTranslation: images moved by a part of their height and width.
#include "layers/arguments.h"
#include "layers/augmentation.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "RandomTranslation";

class RandomTranslationLayer final : public WarpLayer {
 public:
  explicit RandomTranslationLayer(const Config& config)
      : WarpLayer(config),
        height_(read_factor("RandomTranslation.height_factor", config.at("height_factor"), -1, 1)),
        width_(read_factor("RandomTranslation.width_factor", config.at("width_factor"), -1, 1)) {
    require_known_keys(
        kWhere, config,
        {"height_factor", "width_factor", "fill_mode", "fill_value", "interpolation", "seed", "data_format"});
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    Config::Object all = shared_config();
    all.emplace_back("height_factor", config_of(height_));
    all.emplace_back("width_factor", config_of(width_));
    return all;
  }

 private:
  // A positive factor moves the image down, or to the right.
  std::function<WarpMap(const std::array<float, 4>&)> map(const Shape& image) const override {
    const auto high = static_cast<float>(image[0]), wide = static_cast<float>(image[1]);
    return [high, wide, height = height_, width = width_](const std::array<float, 4>& drawn) {
      return WarpMap{1, 0, -width.at(drawn[1]) * wide, 0, 1, -height.at(drawn[0]) * high};
    };
  }
  FactorRange height_, width_;
};

const RegisterLayer<RandomTranslationLayer> registered{"RandomTranslation",
                                                       {},
                                                       {Config::object({{"height_factor", 0.3}, {"width_factor", 0.2}}),
                                                        Config::object({{"height_factor", 0.9},
                                                                        {"width_factor", Config::List{-0.5, 0.5}},
                                                                        {"fill_mode", "constant"},
                                                                        {"interpolation", "nearest"}})}};

}  // namespace
}  // namespace batchwise
