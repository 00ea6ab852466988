// GlobalAveragePooling2D: the mean of each channel over the whole image.
#include "kernels/pooling.h"

#include "layers/arguments.h"
#include "layers/window_arguments.h"

namespace batchwise {
namespace {

class GlobalAveragePooling2DLayer final : public Layer {
 public:
  explicit GlobalAveragePooling2DLayer(const Config& config) {
    require_known_keys("GlobalAveragePooling2D", config, {"data_format", "keepdims"});
    require_channels_last("GlobalAveragePooling2D", config);
    keep_dimensions_ = config.get("keepdims", false);
  }

  std::string_view class_name() const override { return "GlobalAveragePooling2D"; }
  Config config() const override {
    return Config::object({{"data_format", "channels_last"}, {"keepdims", keep_dimensions_}});
  }

  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& image = one_input("GlobalAveragePooling2D", inputs);
    require_rank("GlobalAveragePooling2D", image, 3, "(height, width, channels)");
    require(image[0] * image[1] > 0, "GlobalAveragePooling2D", "the image must not be empty. Got ", image, ".");
    return {keep_dimensions_ ? Shape{1, 1, image[2]} : Shape{image[2]}};
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = plain_image("GlobalAveragePooling2D", lowering, inputs[0]);
    return {lowering.add1(
        make_global_average_pooling2d_kernel(lowering.type(input).shape, keep_dimensions_, lowering.grain()), {input})};
  }

 private:
  bool keep_dimensions_ = false;
};

const RegisterLayer<GlobalAveragePooling2DLayer> registered{
    "GlobalAveragePooling2D", {"GlobalAvgPool2D"}, {Config(Config::Object{}), Config::object({{"keepdims", true}})}};

}  // namespace
}  // namespace batchwise
