// RandomFlip: images mirrored at their middle, each way for half of the samples.
#include "layers/arguments.h"
#include "layers/augmentation.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "RandomFlip";

class RandomFlipLayer final : public WarpLayer {
 public:
  explicit RandomFlipLayer(const Config& config)
      : WarpLayer(config), mode_(config.get("mode", "horizontal_and_vertical")), seed_(read_seed(config, kWhere)) {
    require_known_keys(kWhere, config, {"mode", "seed", "data_format"});
    require(mode_ == "horizontal" || mode_ == "vertical" || mode_ == "horizontal_and_vertical", kWhere,
            "mode must be \"horizontal\", \"vertical\" or \"horizontal_and_vertical\". Got \"", mode_, "\".");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    return Config::object(
        {{"mode", mode_}, {"seed", seed_ ? Config(*seed_) : Config()}, {"data_format", "channels_last"}});
  }

 private:
  std::function<WarpMap(const std::array<float, 4>&)> map(const Shape& image) const override {
    const bool across = mode_ != "vertical", down = mode_ != "horizontal";
    const auto right = static_cast<float>(image[1] - 1), bottom = static_cast<float>(image[0] - 1);
    return [=](const std::array<float, 4>& drawn) {
      WarpMap map;
      if (across && drawn[0] < 0.5f) map.xx = -1, map.x0 = right;
      if (down && drawn[1] < 0.5f) map.yy = -1, map.y0 = bottom;
      return map;
    };
  }
  std::string mode_;
  std::optional<int64_t> seed_;
};

const RegisterLayer<RandomFlipLayer> registered{
    "RandomFlip", {}, {Config(Config::Object{}), Config::object({{"mode", "horizontal"}, {"seed", 3}})}};

}  // namespace
}  // namespace batchwise
