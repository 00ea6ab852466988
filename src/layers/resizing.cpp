// Resizing: images to another size, with every interpolation of Keras.
#include "layers/arguments.h"
#include "layers/resize_plan.h"

namespace batchwise {
namespace {

constexpr char kWhere[] = "Resizing";

class ResizingLayer final : public Layer {
 public:
  explicit ResizingLayer(const Config& config) : name_(config.get("interpolation", "bilinear")) {
    require_known_keys(kWhere, config,
                       {"height", "width", "interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio", "fill_mode",
                        "fill_value", "antialias", "data_format"});
    require_channels_last(kWhere, config);
    request_.height = config.at("height").as_int("Resizing.height");
    request_.width = config.at("width").as_int("Resizing.width");
    require(request_.height >= 1 && request_.width >= 1, kWhere, "height and width must be positive. Got ",
            request_.height, " and ", request_.width, ".");
    request_.interpolation = interpolation_named(name_);
    request_.crop_to_aspect_ratio = config.get("crop_to_aspect_ratio", false);
    request_.pad_to_aspect_ratio = config.get("pad_to_aspect_ratio", false);
    request_.antialias = config.get("antialias", false);
    fill_ = config.get("fill_value", 0.0);
    require(!request_.crop_to_aspect_ratio || !request_.pad_to_aspect_ratio, kWhere,
            "only one of crop_to_aspect_ratio and pad_to_aspect_ratio may be true. Got both.");
    require(config.get("fill_mode", "constant") == "constant", kWhere, "fill_mode must be \"constant\". Got \"",
            config.get("fill_mode", ""), "\".");
  }
  std::string_view class_name() const override { return kWhere; }
  Config config() const override {
    return Config::object({{"height", request_.height},
                           {"width", request_.width},
                           {"interpolation", name_},
                           {"crop_to_aspect_ratio", request_.crop_to_aspect_ratio},
                           {"pad_to_aspect_ratio", request_.pad_to_aspect_ratio},
                           {"fill_mode", "constant"},
                           {"fill_value", fill_},
                           {"antialias", request_.antialias},
                           {"data_format", "channels_last"}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input(kWhere, inputs);
    require_rank(kWhere, shape, 3, "(height, width, channels)");
    return {{request_.height, request_.width, shape[2]}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    require(type.dtype == DType::Float32, kWhere, "the input must be float32. Got ", type.dtype, ".");
    ResizePlan plan = plan_resize(request_, type.shape);
    return lowering.add(make_image_sampling_kernel(std::move(plan.rows), std::move(plan.columns),
                                                   static_cast<float>(fill_), type, lowering.grain()),
                        {input});
  }

 private:
  ResizeRequest request_;
  std::string name_;
  double fill_ = 0;
};

const RegisterLayer<ResizingLayer> registered{
    "Resizing",
    {},
    {Config::object({{"height", 4}, {"width", 7}}),
     Config::object({{"height", 3}, {"width", 3}, {"interpolation", "bicubic"}, {"antialias", true}}),
     Config::object({{"height", 3}, {"width", 6}, {"pad_to_aspect_ratio", true}, {"fill_value", 2.0}}),
     Config::object({{"height", 3}, {"width", 6}, {"crop_to_aspect_ratio", true}, {"interpolation", "nearest"}})}};

}  // namespace
}  // namespace batchwise
