// Diagonals of two axes, as they are or added up: diagonal, trace.
#include <algorithm>

#include "kernels/linear_map.h"
#include "kernels/rearrange.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class DiagonalOperation final : public Operation {
 public:
  DiagonalOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"offset", "axis1", "axis2"}),
        offset_(config.get("offset", 0)),
        axes_{config.get("axis1", 0), config.get("axis2", 1)},
        sums_(last_word(key) == "Trace") {}
  DType output_dtype(DType input) const override { return sums_ ? DType::Float32 : input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Diagonal found = diagonal(one(inputs, form));
    std::vector<int64_t> dims = found.outer;
    if (!sums_) dims.push_back(found.length);
    return {Shape(dims)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = sums_ ? as_floats(lowering, inputs[0]) : lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Diagonal found = diagonal(type.shape);
    const Shape to = call_shapes({type.shape}, {})[0];
    if (!sums_) {
      const Rearrangement elements = rearrangement(
          to, [&](std::span<const int64_t> place) { return found.element(type.shape, place, place.back()); });
      return {lowering.add1(make_rearrange_kernel("diagonal", type, elements, lowering.grain()), {input})};
    }
    LinearMap map = linear_map(to, [&](std::span<const int64_t> place, Terms& terms) {
      for (int64_t k = 0; k < found.length; ++k) terms.add(found.element(type.shape, place, k), 1);
    });
    return {lowering.add1(make_linear_map_kernel("trace", type, std::move(map), lowering.grain()), {input})};
  }

 private:
  struct Diagonal {
    int first = 0, second = 0;
    int64_t row = 0, column = 0, length = 0;  // where it begins
    std::vector<int64_t> outer;               // the other axes
    int64_t element(const Shape& shape, std::span<const int64_t> place, int64_t k) const {
      int64_t at = 0;
      size_t next = 0;
      for (int axis = 0; axis < shape.rank(); ++axis)
        at = at * shape[axis] + (axis == first ? row + k : axis == second ? column + k : place[next++]);
      return at;
    }
  };
  Diagonal diagonal(const Shape& shape) const {
    Diagonal found;
    found.first = sample_axis(key(), axes_[0], shape.rank());
    found.second = sample_axis(key(), axes_[1], shape.rank());
    require(found.first != found.second, key(), "axis1 and axis2 must be two axes. Got ", axes_[0], " twice.");
    found.row = std::max<int64_t>(-offset_, 0);
    found.column = std::max<int64_t>(offset_, 0);
    found.length = std::min(shape[found.first] - found.row, shape[found.second] - found.column);
    require(found.length > 0, key(), "offset must leave a part of the diagonal of ", shape, ". Got ", offset_, ".");
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (axis != found.first && axis != found.second) found.outer.push_back(shape[axis]);
    return found;
  }
  int64_t offset_;
  int64_t axes_[2];
  bool sums_;
};

const bool registered = register_operations<DiagonalOperation>(
    {"ops.numpy.Diagonal", "ops.numpy.Trace"},
    {Config::object({{"axis1", 1}, {"axis2", 2}}), Config::object({{"offset", -1}, {"axis1", 1}, {"axis2", -1}})});

}  // namespace
}  // namespace batchwise
