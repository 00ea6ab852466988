// AveragePooling2D: the mean of each window of an image.
#include "kernels/pooling2d.h"

#include "layers/arguments.h"
#include "layers/window_arguments.h"

namespace batchwise {
namespace {

class AveragePooling2DLayer final : public Layer {
 public:
  explicit AveragePooling2DLayer(const Config& config) {
    require_known_keys("AveragePooling2D", config, {"pool_size", "padding", "strides", "data_format"});
    require_channels_last("AveragePooling2D", config);
    size_ = positive_pair("AveragePooling2D", config, "pool_size", 2);
    const Config* strides = config.find("strides");
    strides_ = strides && !strides->is_null() ? positive_pair("AveragePooling2D", config, "strides", 1) : size_;
    same_ = is_same_padding("AveragePooling2D", config);
  }

  std::string_view class_name() const override { return "AveragePooling2D"; }
  Config config() const override {
    return Config::object({{"pool_size", pair_config(size_)},
                           {"padding", same_ ? "same" : "valid"},
                           {"strides", pair_config(strides_)},
                           {"data_format", "channels_last"}});
  }

  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& image = one_input("AveragePooling2D", inputs);
    const Window2D window = window_of(image);
    return {{window.height.output, window.width.output, image[2]}};
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = plain_image("AveragePooling2D", lowering, inputs[0]);
    const Shape& image = lowering.type(input).shape;
    return {lowering.add1(
        make_average_pooling2d_kernel({.channels = image[2], .window = window_of(image), .grain = lowering.grain()}),
        {input})};
  }

 private:
  Window2D window_of(const Shape& image) const {
    return window_on("AveragePooling2D", image, size_, strides_, {1, 1}, same_);
  }

  std::array<int64_t, 2> size_{}, strides_{};
  bool same_ = false;
};

const RegisterLayer<AveragePooling2DLayer> registered{
    "AveragePooling2D",
    {"AvgPool2D"},
    {Config(Config::Object{}), Config::object({{"pool_size", 3}, {"strides", 2}, {"padding", "same"}}),
     Config::object({{"pool_size", Config(Config::List{2, 3})}, {"strides", 1}})}};

}  // namespace
}  // namespace batchwise
