// RandomCrop: a window of the image, drawn while training and else the middle; where there is no choice, as Keras has
// it.
#include <algorithm>

#include "layers/arguments.h"
#include "layers/augmentation.h"
#include "layers/resize_plan.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "RandomCrop";

class RandomCropLayer final : public Layer {
 public:
  explicit RandomCropLayer(const Config& config) : seed_(read_seed(config, kWhere)) {
    require_known_keys(kWhere, config, {"height", "width", "seed", "data_format"});
    require_channels_last(kWhere, config);
    height_ = config.at("height").as_int("RandomCrop.height");
    width_ = config.at("width").as_int("RandomCrop.width");
    require(height_ >= 1 && width_ >= 1, kWhere, "height and width must be positive. Got ", height_, " and ", width_,
            ".");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    return Config::object({{"height", height_},
                           {"width", width_},
                           {"seed", seed_ ? Config(*seed_) : Config()},
                           {"data_format", "channels_last"}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kWhere, inputs);
    require_rank(kWhere, shape, 3, "(height, width, channels)");
    return {{height_, width_, shape[2]}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    require(type.dtype == DType::Float32, kWhere, "the input must be float32. Got ", type.dtype, ".");
    const int64_t high = type.shape[0] - height_, wide = type.shape[1] - width_;
    // Keras draws where there is a choice both ways.
    if (high <= 0 || wide <= 0 || !lowering.training()) {
      ResizePlan plan;
      if (high >= 0 && wide >= 0 && !lowering.training())
        plan = {window_axis(high / 2, height_), window_axis(wide / 2, width_)};
      else plan = still_window(type.shape);
      return lowering.add(
          make_image_sampling_kernel(std::move(plan.rows), std::move(plan.columns), 0, type, lowering.grain()),
          {input});
    }
    const auto start = [](float unit, int64_t starts) {
      return static_cast<float>(std::min(static_cast<int64_t>(unit * static_cast<float>(starts + 1)), starts));
    };
    const WarpRules rules{.key = random_layer_key(lowering, seed_),
                          .map =
                              [=](const std::array<float, 4>& drawn) {
                                return WarpMap{1, 0, start(drawn[1], wide), 0, 1, start(drawn[0], high)};
                              },
                          .height = height_,
                          .width = width_,
                          .bilinear = false};
    return lowering.add(make_warp_kernel(rules, type, lowering.grain()), {input});
  }

 private:
  // From where the middle in the output's ratio begins, as much as the output has: less than that is made larger.
  ResizePlan still_window(const Shape& image) const {
    const auto window = [](int64_t size, int64_t other, int64_t wanted, int64_t wanted_other, int64_t& first) {
      const int64_t middle = std::max<int64_t>(
          std::min(size, static_cast<int64_t>(static_cast<double>(other * wanted) / static_cast<double>(wanted_other))),
          1);
      first = (size - middle) / 2;
      return std::min(wanted, size - first);
    };
    int64_t top = 0, left = 0;
    const int64_t rows = window(image[0], image[1], height_, width_, top),
                  columns = window(image[1], image[0], width_, height_, left);
    ResizePlan plan = plan_resize({.height = height_, .width = width_}, {rows, columns, image[2]});
    for (int32_t& first : plan.rows.first) first += static_cast<int32_t>(top);
    for (int32_t& first : plan.columns.first) first += static_cast<int32_t>(left);
    return plan;
  }

  int64_t height_ = 1, width_ = 1;
  std::optional<int64_t> seed_;
};

const RegisterLayer<RandomCropLayer> registered{
    "RandomCrop", {}, {Config::object({{"height", 3}, {"width", 2}}), Config::object({{"height", 7}, {"width", 9}})}};

}  // namespace
}  // namespace batchwise
