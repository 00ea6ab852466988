// CenterCrop: the middle of an image; a smaller image is cut to the ratio and made larger.
#include "layers/arguments.h"
#include "layers/resize_plan.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "CenterCrop";

class CenterCropLayer final : public Layer {
 public:
  explicit CenterCropLayer(const Config& config) {
    require_known_keys(kWhere, config, {"height", "width", "data_format"});
    require_channels_last(kWhere, config);
    height_ = config.at("height").as_int("CenterCrop.height");
    width_ = config.at("width").as_int("CenterCrop.width");
    require(height_ >= 1 && width_ >= 1, kWhere, "height and width must be positive. Got ", height_, " and ", width_,
            ".");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    return Config::object({{"height", height_}, {"width", width_}, {"data_format", "channels_last"}});
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
    ResizePlan plan;
    if (high >= 0 && wide >= 0) plan = {window_axis(high / 2, height_), window_axis(wide / 2, width_)};
    else plan = plan_resize({.height = height_, .width = width_, .crop_to_aspect_ratio = true}, type.shape);
    return lowering.add(
        make_image_sampling_kernel(std::move(plan.rows), std::move(plan.columns), 0, type, lowering.grain()), {input});
  }

 private:
  int64_t height_ = 1, width_ = 1;
};

const RegisterLayer<CenterCropLayer> registered{
    "CenterCrop", {}, {Config::object({{"height", 3}, {"width", 2}}), Config::object({{"height", 7}, {"width", 9}})}};

}  // namespace
}  // namespace batchwise
