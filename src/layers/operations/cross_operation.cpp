// Cross: the product of vectors of three numbers along an axis; of two, with a third that is 0.
#include "kernels/arrangement.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class CrossOperation final : public Operation {
 public:
  CrossOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axisa", "axisb", "axisc", "axis"}) {
    const Config* all = config.find("axis");
    const bool one = all && !all->is_null();
    const char* names[] = {"axisa", "axisb", "axisc"};
    for (size_t k = 0; k < 3; ++k) axes_[k] = one ? all->as_int(key) : config.get(names[k], -1);
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"x1", "x2"});
    require(inputs.size() == 2 && found[0].tensor == 0 && found[1].tensor == 1, key(),
            "the operation takes two tensors. Got ", inputs.size(), ".");
    Shape a = last(inputs[0], 0).shape, b = last(inputs[1], 1).shape;
    require(a.rank() == b.rank(), key(), "the tensors must have the same number of axes. Got ", a, " and ", b, ".");
    const bool flat = a.back() == 2 && b.back() == 2;
    for (const Shape* shape : {&a, &b})
      require(shape->back() == 2 || shape->back() == 3, key(), "vectors must have two or three numbers. Got ", *shape,
              ".");
    a[-1] = b[-1] = 3;
    const Shape whole = repeated_shape(key(), a, b);
    std::vector<int64_t> dims(whole.begin(), whole.end());
    dims.pop_back();
    if (!flat) dims.insert(dims.begin() + sample_axis(key(), axes_[2], whole.rank()), 3);
    return {Shape(dims)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value a = as_floats(lowering, inputs[0]), b = as_floats(lowering, inputs[1]);
    const Shape wanted = call_shapes({lowering.type(a).shape, lowering.type(b).shape}, {})[0];
    const auto product = [&](int64_t of_a, int64_t of_b) {
      return with_value(lowering, "multiply", turned(lowering, a, 0, of_a), turned(lowering, b, 1, of_b));
    };
    const Value value = with_value(lowering, "subtract", product(1, 2), product(2, 1));
    const TensorType type = lowering.type(value);
    Arrangement elements(type.shape);
    const int rank = type.shape.rank();
    if (wanted.rank() < rank) {
      elements.slice(rank - 1, 2, 1, 1);
      elements.drop(rank - 1);
    } else {
      std::vector<int> order;
      for (int axis = 0; axis + 1 < rank; ++axis) order.push_back(axis);
      order.insert(order.begin() + sample_axis(key(), axes_[2], rank), rank - 1);
      elements.permute(order);
    }
    if (elements.contiguous() && elements.shape == type.shape) return {value};
    return {lowering.add1(make_rearrange_kernel("cross", type, elements.elements(), lowering.grain()), {value})};
  }

 private:
  // The vectors along the last axis.
  Arrangement last(const Shape& shape, size_t k) const {
    Arrangement elements(shape);
    const int axis = sample_axis(key(), axes_[k], shape.rank());
    std::vector<int> order;
    for (int other = 0; other < shape.rank(); ++other)
      if (other != axis) order.push_back(other);
    order.push_back(axis);
    elements.permute(order);
    return elements;
  }
  // Their numbers from the `first` on, round and round.
  Value turned(Lowering& lowering, Value value, size_t k, int64_t first) const {
    const TensorType type = lowering.type(value);
    const Arrangement vectors = last(type.shape, k);
    Shape to = vectors.shape;
    to[-1] = 3;
    const Rearrangement elements = rearrangement(to, [&](std::span<const int64_t> place) -> int64_t {
      const int64_t number = (place.back() + first) % 3;
      if (number >= vectors.shape.back()) return -1;
      int64_t at = number * vectors.steps.back();
      for (size_t axis = 0; axis + 1 < place.size(); ++axis) at += place[axis] * vectors.steps[axis];
      return at;
    });
    return lowering.add1(make_rearrange_kernel("cross", type, elements, lowering.grain()), {value});
  }
  int64_t axes_[3];
};

const bool registered = register_operations<CrossOperation>({"ops.numpy.Cross"}, {Config(Config::Object{})});

}  // namespace
}  // namespace batchwise
