// GlobalMaxPooling2D: the largest value of each channel.
#include "kernels/global_max.h"

#include "layers/arguments.h"

namespace batchwise {
namespace {

class GlobalMaxPooling2DLayer final : public Layer {
 public:
  explicit GlobalMaxPooling2DLayer(const Config& config) {
    require_known_keys("GlobalMaxPooling2D", config, {"data_format", "keepdims"});
    require_channels_last("GlobalMaxPooling2D", config);
    keepdims_ = config.get("keepdims", false);
  }
  std::string_view class_name() const override { return "GlobalMaxPooling2D"; }
  Config config() const override { return Config::object({{"data_format", "channels_last"}, {"keepdims", keepdims_}}); }
  Shapes output_shapes(const Shapes& inputs) const override {
    const Shape& shape = one_input("GlobalMaxPooling2D", inputs);
    require_rank("GlobalMaxPooling2D", shape, 3, "(height, width, channels)");
    require(shape[0] > 0 && shape[1] > 0, "GlobalMaxPooling2D", "images must not be empty. Got ", shape, ".");
    return {keepdims_ ? Shape{1, 1, shape[2]} : Shape{shape[2]}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    return {lowering.add1(make_global_max_kernel(lowering.type(plain), keepdims_, lowering.grain()), {plain})};
  }

 private:
  bool keepdims_ = false;
};

const RegisterLayer<GlobalMaxPooling2DLayer> registered{
    "GlobalMaxPooling2D", {}, {Config(Config::Object{}), Config::object({{"keepdims", true}})}};

}  // namespace
}  // namespace batchwise
