// Operations on neighbours along an axis: diff, and trapezoid, which adds up the areas between them.
#include "kernels/linear_map.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class DiffOperation final : public Operation {
 public:
  DiffOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"n", "axis"}), times_(config.get("n", 1)), axis_(config.get("axis", -1)) {
    require(times_ > 0 && times_ <= 30, key, "n must be in [1, 30]. Got ", times_, ".");
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    Shape shape = one(inputs, form);
    int64_t& size = shape[sample_axis(key(), axis_, shape.rank())];
    require(size > times_, key(), "n must be below the size of the axis, ", size, ". Got ", times_, ".");
    size -= times_;
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    Value value = as_floats(lowering, inputs[0]);
    for (int64_t step = 0; step < times_; ++step) {  // one after another, as Keras rounds
      const TensorType type = lowering.type(value);
      const int axis = sample_axis(key(), axis_, type.shape.rank());
      Shape to = type.shape;
      --to[axis];
      LinearMap map = linear_map(to, [&](std::span<const int64_t> place, Terms& terms) {
        std::vector<int64_t> from(place.begin(), place.end());
        ++from[static_cast<size_t>(axis)];
        terms.add(element_of(type.shape, from), 1);
        terms.add(element_of(type.shape, place), -1);
      });
      value = lowering.add1(make_linear_map_kernel("diff", type, std::move(map), lowering.grain()), {value});
    }
    return {value};
  }

 private:
  int64_t times_, axis_;
};

class TrapezoidOperation final : public Operation {
 public:
  TrapezoidOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"x", "dx", "axis"}),
        step_(static_cast<float>(config.get("dx", 1.0))),
        axis_(config.get("axis", -1)) {
    const Config* places = config.find("x");
    require(!places || places->is_null(), key, "x must be null: places an equal step apart. Got ",
            places ? places->text().substr(0, 100) : "", ".");
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    std::vector<int64_t> dims(shape.begin(), shape.end());
    const int axis = sample_axis(key(), axis_, shape.rank());
    require(shape[axis] > 1, key(), "the axis must have two places or more. Got ", shape, ".");
    dims.erase(dims.begin() + axis);
    return {Shape(dims)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const TensorType type = lowering.type(input);
    const int axis = sample_axis(key(), axis_, type.shape.rank());
    LinearMap map = linear_map(call_shapes({type.shape}, {})[0], [&](std::span<const int64_t> place, Terms& terms) {
      std::vector<int64_t> from(place.begin(), place.end());
      from.insert(from.begin() + axis, 0);
      int64_t& at = from[static_cast<size_t>(axis)];
      for (const int64_t last = type.shape[axis] - 1; at <= last; ++at)
        terms.add(element_of(type.shape, from), at == 0 || at == last ? step_ / 2 : step_);
    });
    return {lowering.add1(make_linear_map_kernel("trapezoid", type, std::move(map), lowering.grain()), {input})};
  }

 private:
  float step_;
  int64_t axis_;
};

const bool registered =
    register_operations<DiffOperation>({"ops.numpy.Diff"},
                                       {Config(Config::Object{}), Config::object({{"n", 2}, {"axis", 1}})}) &&
    register_operations<TrapezoidOperation>({"ops.numpy.Trapezoid"},
                                            {Config(Config::Object{}), Config::object({{"dx", 0.5}, {"axis", 1}})});

}  // namespace
}  // namespace batchwise
