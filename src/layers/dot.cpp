// Dot: sums of products of two tensors along an axis of each, sample by sample.
#include "kernels/binary.h"
#include "kernels/contraction.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/unit_length.h"

namespace batchwise {
namespace {

class DotLayer final : public Layer {
 public:
  explicit DotLayer(const Config& config) {
    require_known_keys("Dot", config, {"axes", "normalize"});
    const Config& axes = config.at("axes");
    listed_ = axes.is_list();
    if (listed_) {
      require(axes.as_list().size() == 2, "Dot", "axes must be one axis or two. Got ", axes.text(), ".");
      for (size_t i = 0; i < 2; ++i) axes_[i] = axes.as_list()[i].as_int("Dot.axes");
    } else {
      axes_[0] = axes_[1] = axes.as_int("Dot.axes");
    }
    normalize_ = config.get("normalize", false);
  }
  std::string_view class_name() const override { return "Dot"; }
  Config config() const override {
    return Config::object(
        {{"axes", listed_ ? Config(Config::List{axes_[0], axes_[1]}) : Config(axes_[0])}, {"normalize", normalize_}});
  }
  Shapes output_shapes(const Shapes& inputs) const override {
    require(inputs.size() == 2, "Dot", "the layer takes exactly 2 inputs. Got ", inputs.size(), ".");
    for (size_t i = 0; i < 2; ++i) axis(i, inputs[i]);
    require(inputs[0][axis(0, inputs[0])] == inputs[1][axis(1, inputs[1])], "Dot",
            "the axes of the sum must have the same size. Got ", inputs[0], " and ", inputs[1], ".");
    const Shape whole = contraction_shape("Dot", equation(inputs), inputs[0], inputs[1]);
    return {whole.rank() ? whole : Shape{1}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    Shapes shapes;
    std::vector<Value> operands;
    for (size_t i = 0; i < 2; ++i) {
      Value value = lowering.plain(inputs[i]);
      shapes.push_back(lowering.type(value).shape);
      if (normalize_) value = lower_unit_length(lowering, value, axis(i, shapes[i]));
      operands.push_back(value);
    }
    const Value product = lowering.add1(make_contraction_kernel({.equation = equation(shapes),
                                                                 .a = lowering.type(operands[0]),
                                                                 .b = shapes[1],
                                                                 .bfloat16 = lowering.bfloat16(),
                                                                 .grain = lowering.grain()}),
                                        operands);
    const Shape shape = output_shapes(shapes)[0];
    if (lowering.type(product).shape == shape) return {product};
    return {lowering.add1(make_view_kernel(lowering.type(product), shape, lowering.grain()), {product})};
  }

 private:
  int axis(size_t input, const Shape& shape) const { return sample_axis("Dot", axes_[input], shape.rank()); }
  Equation equation(const Shapes& inputs) const {
    Equation e;
    for (int i = 0; i < inputs[0].rank(); ++i) e.a.push_back(static_cast<char>('a' + i));
    for (int i = 0; i < inputs[1].rank(); ++i) e.b.push_back(static_cast<char>('A' + i));
    e.a[static_cast<size_t>(axis(0, inputs[0]))] = e.b[static_cast<size_t>(axis(1, inputs[1]))] = 'z';
    for (const char letter : e.a + e.b)
      if (letter != 'z') e.result.push_back(letter);
    return e;
  }
  std::array<int64_t, 2> axes_{};
  bool listed_ = false, normalize_ = false;
};

const RegisterLayer<DotLayer> registered{
    "Dot", {}, {Config::object({{"axes", 1}}), Config::object({{"axes", -1}, {"normalize", true}})}};

}  // namespace
}  // namespace batchwise
