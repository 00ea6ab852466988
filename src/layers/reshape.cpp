// Reshape: every sample under another shape, one dimension of which may be left to be found (-1).
#include <algorithm>

#include "kernels/view.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

class ReshapeLayer final : public Layer {
 public:
  explicit ReshapeLayer(const Config& config) {
    require_known_keys("Reshape", config, {"target_shape"});
    for (const Config& item : config.at("target_shape").as_list("Reshape.target_shape"))
      target_.push_back(item.as_int("Reshape.target_shape"));
    const bool valid = std::all_of(target_.begin(), target_.end(), [](int64_t d) { return d >= -1; });
    require(valid && std::count(target_.begin(), target_.end(), -1) <= 1, "Reshape",
            "target_shape must hold sizes of at least 0, one of them -1 at most. Got ", Config(target_).text(), ".");
    require(target_.size() <= Shape::kMaxRank - 1, "Reshape", "target_shape must have at most ", Shape::kMaxRank - 1,
            " dimensions. Got ", target_.size(), ".");
  }
  std::string_view class_name() const override { return "Reshape"; }
  Config config() const override { return Config::object({{"target_shape", Config(target_)}}); }
  Shapes output_shapes(const Shapes& inputs) const override { return {target(one_input("Reshape", inputs))}; }
  DType output_dtype(DType input) const override { return input; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value plain = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(plain);
    const Shape shape = target(type.shape);
    if (shape == type.shape) return {plain};
    return {lowering.add1(make_view_kernel(type, shape, lowering.grain()), {plain})};
  }

 private:
  Shape target(const Shape& input) const {
    int64_t known = 1;
    for (int64_t d : target_)
      if (d != -1) known *= d;
    Shape shape{std::span<const int64_t>(target_)};
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (shape[axis] == -1) shape[axis] = known == 0 ? 0 : input.count() / known;
    require(shape.count() == input.count(), "Reshape", "target_shape ", Config(target_).text(),
            " must hold as many values as the input. Got ", input, ".");
    return shape;
  }
  std::vector<int64_t> target_;
};

const RegisterLayer<ReshapeLayer> registered{"Reshape",
                                             {},
                                             {Config::object({{"target_shape", std::vector<int64_t>{-1}}}),
                                              Config::object({{"target_shape", std::vector<int64_t>{1, -1}}})}};

}  // namespace
}  // namespace batchwise
