// Operations that reduce axes: sums, means, extremes, variances.
#include <algorithm>
#include <map>

#include "kernels/reduction.h"
#include "kernels/relation.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

const std::map<std::string, std::string> kFunctions = {
    {"Sum", "sum"},
    {"Mean", "mean"},
    {"Average", "mean"},
    {"Max", "max"},
    {"Amax", "max"},
    {"Min", "min"},
    {"Amin", "min"},
    {"Prod", "prod"},
    {"Var", "var"},
    {"Std", "std"},
    {"Logsumexp", "logsumexp"},
    {"Any", "any"},
    {"All", "all"},
};

class ReductionOperation final : public Operation {
 public:
  ReductionOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis", "keepdims", "initial"}), function_(kFunctions.at(last_word(key))) {
    const Config* axis = config.find("axis");
    require(axis && !axis->is_null(), key,
            "axis must name axes of a sample: without one, samples would be mixed. Got none.");
    if (axis->is_list())
      for (const Config& item : axis->as_list()) axes_.push_back(item.as_int(key));
    else axes_.push_back(axis->as_int(key));
    keeps_ = config.get("keepdims", false);
    const Config* initial = config.find("initial");
    require(!initial || initial->is_null(), key, "initial must be null. Got ", initial ? initial->text() : "", ".");
  }
  DType output_dtype(DType) const override { return of_truth() ? DType::Bool : DType::Float32; }

  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    Shape shape = one(inputs, form);
    for (const int axis : axes_of(shape)) shape[axis] = 1;
    return {keeps_ ? shape : without_axes(shape)};
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    Value input = lowering.plain(inputs[0]);
    const Shape shape = lowering.type(input).shape;
    if (of_truth()) {
      // Whatever is not 0 holds.
      for (const DType to : {DType::Bool, DType::Float32}) input = cast(lowering, input, to);
    }
    require(lowering.type(input).dtype == DType::Float32, key(), "the tensor must be float32: cast it. Got ",
            lowering.type(input).dtype, ".");
    Value value = reduced(lowering, input);
    if (of_truth()) value = cast(lowering, value, DType::Bool);
    if (keeps_) return {value};
    return {lowering.add1(make_view_kernel(lowering.type(value), without_axes(shape), lowering.grain()), {value})};
  }

 private:
  bool of_truth() const { return function_ == "any" || function_ == "all"; }
  static Value cast(Lowering& lowering, Value value, DType to) {
    return lowering.add1(make_cast_kernel(lowering.type(value), to, lowering.grain()), {value});
  }
  Value reduced(Lowering& lowering, Value input) const {
    if (function_ == "var" || function_ == "std") {
      const Value centred = with_value(lowering, "subtract", input, along(lowering, "mean", input));
      const Value variance = along(lowering, "mean", through(lowering, "square", centred));
      return function_ == "var" ? variance : through(lowering, "deviation", variance);
    }
    if (function_ == "logsumexp") {
      const Value top = along(lowering, "max", input);
      const Value exponents = through(lowering, "exp", with_value(lowering, "subtract", input, top));
      return with_value(lowering, "add", through(lowering, "log", along(lowering, "sum", exponents)), top);
    }
    return along(lowering, function_ == "any" ? "max" : function_ == "all" ? "min" : function_, input);
  }

  // Run by run of neighbouring axes: all of them have composed as one.
  Value along(Lowering& lowering, std::string_view function, Value value) const {
    const std::vector<int> axes = axes_of(lowering.type(value).shape);
    for (size_t first = 0; first < axes.size();) {
      size_t last = first;
      while (last + 1 < axes.size() && axes[last + 1] == axes[last] + 1) ++last;
      const TensorType type = lowering.type(value);
      value = lowering.add1(make_reduction_kernel(function, type, axes[first], axes[last], lowering.grain()), {value});
      first = last + 1;
    }
    return value;
  }

  std::vector<int> axes_of(const Shape& shape) const {
    std::vector<int> axes;
    for (const int64_t axis : axes_) axes.push_back(sample_axis(key(), axis, shape.rank()));
    std::sort(axes.begin(), axes.end());
    axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
    return axes;
  }
  Shape without_axes(const Shape& shape) const {
    const std::vector<int> axes = axes_of(shape);
    std::vector<int64_t> dims;
    for (int axis = 0; axis < shape.rank(); ++axis)
      if (!std::binary_search(axes.begin(), axes.end(), axis)) dims.push_back(shape[axis]);
    return Shape(dims);
  }

  std::string function_;
  std::vector<int64_t> axes_;
  bool keeps_ = false;
};

class ExtremePlaceOperation final : public Operation {
 public:
  ExtremePlaceOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis", "keepdims"}), function_(last_word(key) == "Argmax" ? "argmax" : "argmin") {
    const Config* axis = config.find("axis");
    require(axis && axis->is_int(), key, "axis must be one axis of a sample. Got ", axis ? axis->text() : "none", ".");
    axis_ = axis->as_int(key);
    require(!config.get("keepdims", false), key, "keepdims must be false. Got true.");
  }
  DType output_dtype(DType) const override { return DType::Int32; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    std::vector<int64_t> dims(shape.begin(), shape.end());
    dims.erase(dims.begin() + sample_axis(key(), axis_, shape.rank()));
    return {Shape(dims)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    return {lowering.add1(
        make_extreme_place_kernel(function_, type, sample_axis(key(), axis_, type.shape.rank()), lowering.grain()),
        {input})};
  }

 private:
  std::string function_;
  int64_t axis_ = 0;
};

const bool registered =
    register_operations<ReductionOperation>(
        {"ops.numpy.Sum", "ops.numpy.Mean", "ops.numpy.Average", "ops.numpy.Max", "ops.numpy.Amax", "ops.numpy.Min",
         "ops.numpy.Amin", "ops.numpy.Prod", "ops.numpy.Var", "ops.numpy.Std", "ops.math.Logsumexp", "ops.numpy.Any",
         "ops.numpy.All"},
        {Config::object({{"axis", -1}}), Config::object({{"axis", Config::List{1, -1}}, {"keepdims", true}})}) &&
    register_operations<ExtremePlaceOperation>({"ops.numpy.Argmax", "ops.numpy.Argmin"},
                                               {Config::object({{"axis", -1}})});

}  // namespace
}  // namespace batchwise
