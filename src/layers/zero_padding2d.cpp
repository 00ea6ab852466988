// ZeroPadding2D: zeros around images.
#include "kernels/zero_padding2d.h"

#include "layers/arguments.h"

namespace batchwise {
namespace {

class ZeroPadding2DLayer final : public Layer {
 public:
  explicit ZeroPadding2DLayer(const Config& config) {
    require_known_keys("ZeroPadding2D", config, {"padding", "data_format"});
    require_channels_last("ZeroPadding2D", config);
    const Config* padding = config.find("padding");
    const auto [height, width] = pair(padding && !padding->is_null() ? *padding : Config(1));
    const auto [top, bottom] = ends(height);
    const auto [left, right] = ends(width);
    border_ = {top, bottom, left, right};
  }
  std::string_view class_name() const override { return "ZeroPadding2D"; }
  Config config() const override {
    using List = Config::List;
    return Config::object({{"padding", List{List{border_.top, border_.bottom}, List{border_.left, border_.right}}},
                           {"data_format", "channels_last"}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    Shape shape = one_input("ZeroPadding2D", inputs);
    require_rank("ZeroPadding2D", shape, 3, "(height, width, channels)");
    shape[0] += border_.top + border_.bottom;
    shape[1] += border_.left + border_.right;
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    return {
        lowering.add1(make_zero_padding2d_kernel(border_, lowering.type(inputs[0]), lowering.grain()), {inputs[0]})};
  }

 private:
  // n stands for (n, n).
  static std::pair<Config, Config> pair(const Config& value) {
    if (!value.is_list()) return {value, value};
    require(value.as_list().size() == 2, "ZeroPadding2D",
            "padding must be n, (height, width) or ((top, bottom), (left, right)). Got ", value.text(), ".");
    return {value.as_list()[0], value.as_list()[1]};
  }
  static std::pair<int64_t, int64_t> ends(const Config& value) {
    const auto [first, last] = pair(value);
    const int64_t before = first.as_int("ZeroPadding2D.padding"), after = last.as_int("ZeroPadding2D.padding");
    require(before >= 0 && after >= 0, "ZeroPadding2D", "padding must not be negative. Got ", value.text(), ".");
    return {before, after};
  }
  Border border_;
};

const RegisterLayer<ZeroPadding2DLayer> registered{
    "ZeroPadding2D",
    {},
    {Config(Config::Object{}), Config::object({{"padding", Config::List{Config::List{0, 1}, Config::List{2, 0}}}})}};

}  // namespace
}  // namespace batchwise
