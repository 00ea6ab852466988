// RandomZoom: images scaled about their middle; a positive factor shows more of what lies around.
#include "layers/arguments.h"
#include "layers/augmentation.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "RandomZoom";

class RandomZoomLayer final : public WarpLayer {
 public:
  explicit RandomZoomLayer(const Config& config)
      : WarpLayer(config), height_(read_factor("RandomZoom.height_factor", config.at("height_factor"), -1, kMost)) {
    require_known_keys(
        kWhere, config,
        {"height_factor", "width_factor", "fill_mode", "fill_value", "interpolation", "seed", "data_format"});
    if (const Config* width = config.find("width_factor"); width && !width->is_null())
      width_ = read_factor("RandomZoom.width_factor", *width, -1, kMost);
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    Config::Object all = shared_config();
    all.emplace_back("height_factor", config_of(height_));
    all.emplace_back("width_factor", width_ ? config_of(*width_) : Config());
    return all;
  }

 private:
  static constexpr double kMost = 1000;

  // Without a width_factor both sides are scaled alike.
  std::function<WarpMap(const std::array<float, 4>&)> map(const Shape& image) const override {
    const auto right = static_cast<float>(image[1] - 1), bottom = static_cast<float>(image[0] - 1);
    return [right, bottom, height = height_, width = width_](const std::array<float, 4>& drawn) {
      const float high = 1 + height.at(drawn[0]), wide = width ? 1 + width->at(drawn[1]) : high;
      return WarpMap{wide, 0, right / 2 * (1 - wide), 0, high, bottom / 2 * (1 - high)};
    };
  }
  FactorRange height_;
  std::optional<FactorRange> width_;
};

const RegisterLayer<RandomZoomLayer> registered{
    "RandomZoom",
    {},
    {Config::object({{"height_factor", 0.3}}),
     Config::object({{"height_factor", Config::List{0.1, 0.4}}, {"width_factor", 0.2}, {"fill_mode", "nearest"}})}};

}  // namespace
}  // namespace batchwise
