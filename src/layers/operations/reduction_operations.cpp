// Operations that reduce axes: sums, means, extremes, variances.
#include <map>
#include <optional>

#include "kernels/reduction.h"
#include "kernels/relation.h"
#include "kernels/view.h"
#include "kernels/whole_numbers.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

const std::map<std::string, std::string> kFunctions = {
    {"Sum", "sum"},  {"Mean", "mean"}, {"Max", "max"}, {"Amax", "max"}, {"Min", "min"},
    {"Amin", "min"}, {"Prod", "prod"}, {"Var", "var"}, {"Std", "std"},  {"Logsumexp", "logsumexp"},
    {"Ptp", "ptp"},  {"Any", "any"},   {"All", "all"},
};

class ReductionOperation final : public Operation {
 public:
  ReductionOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis", "keepdims", "initial"}),
        function_(kFunctions.at(last_word(key))),
        axes_(key, config) {
    keeps_ = config.get("keepdims", false);
    const Config* initial = config.find("initial");
    if (!initial || initial->is_null()) return;
    require(function_ == "max" || function_ == "min", key, "initial must be null. Got ", initial->text(), ".");
    initial_ = static_cast<float>(initial->as_number(key));
  }
  DType output_dtype(DType input) const override {
    if (of_truth()) return DType::Bool;
    if (!keeps_whole() || input == DType::Float32) return DType::Float32;
    if (input == DType::Bool && !of_extremes()) return DType::Int32;
    return input == DType::Bool || input == DType::Int32 || input == DType::Int64 ? input : DType::Float32;
  }

  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return {axes_.reduced(one(inputs, form), keeps_)};
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    Value input = lowering.plain(inputs[0]);
    const Shape shape = lowering.type(input).shape;
    if (of_truth()) {
      // Whatever is not 0 holds.
      for (const DType to : {DType::Bool, DType::Float32}) input = cast(lowering, input, to);
    }
    const bool truths = of_truth() || (lowering.type(input).dtype == DType::Bool && of_extremes());
    if (!keeps_whole() || !is_whole(lowering.type(input).dtype)) input = as_floats(lowering, input);
    else require(!initial_, key(), "initial must be null for whole numbers. Got ", initial_.value_or(0), ".");
    Value value = reduced(lowering, input);
    if (truths) value = cast(lowering, value, DType::Bool);
    return {axes_.finish(lowering, value, shape, keeps_)};
  }

 private:
  bool of_truth() const { return function_ == "any" || function_ == "all"; }
  bool of_extremes() const { return function_ == "max" || function_ == "min"; }
  bool keeps_whole() const { return of_extremes() || function_ == "sum" || function_ == "prod"; }
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
    if (function_ == "ptp")
      return with_value(lowering, "subtract", along(lowering, "max", input), along(lowering, "min", input));
    if (initial_)
      return with_constant(lowering, function_ == "max" ? "maximum" : "minimum", along(lowering, function_, input),
                           *initial_);
    return along(lowering, function_ == "any" ? "max" : function_ == "all" ? "min" : function_, input);
  }

  Value along(Lowering& lowering, std::string_view function, Value value) const {
    return axes_.along(lowering, function, value);
  }

  std::string function_;
  ReducedAxes axes_;
  bool keeps_ = false;
  std::optional<float> initial_;
};

class ExtremePlaceOperation final : public Operation {
 public:
  ExtremePlaceOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis", "keepdims"}), function_(last_word(key) == "Argmax" ? "argmax" : "argmin") {
    const Config* axis = config.find("axis");
    require(axis && axis->is_int(), key, "axis must be one axis of a sample. Got ", axis ? axis->text() : "none", ".");
    axis_ = axis->as_int(key);
    keeps_ = config.get("keepdims", false);
  }
  DType output_dtype(DType) const override { return DType::Int32; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    std::vector<int64_t> dims(shape.begin(), shape.end());
    const int axis = sample_axis(key(), axis_, shape.rank());
    dims[static_cast<size_t>(axis)] = 1;
    if (!keeps_) dims.erase(dims.begin() + axis);
    return {Shape(dims)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const TensorType& type = lowering.type(input);
    const Shape wanted = call_shapes({type.shape}, {})[0];
    const Value places = lowering.add1(
        make_extreme_place_kernel(function_, type, sample_axis(key(), axis_, type.shape.rank()), lowering.grain()),
        {input});
    if (!keeps_) return {places};
    return {lowering.add1(make_view_kernel(lowering.type(places), wanted, lowering.grain()), {places})};
  }

 private:
  std::string function_;
  int64_t axis_ = 0;
  bool keeps_ = false;
};

const bool registered =
    register_operations<ReductionOperation>(
        {"ops.numpy.Sum", "ops.numpy.Mean", "ops.numpy.Amax", "ops.numpy.Amin", "ops.numpy.Prod", "ops.numpy.Var",
         "ops.numpy.Std", "ops.math.Logsumexp", "ops.numpy.Any", "ops.numpy.All", "ops.numpy.Ptp"},
        {Config::object({{"axis", -1}}), Config::object({{"axis", Config::List{1, -1}}, {"keepdims", true}})}) &&
    register_operations<ReductionOperation>(
        {"ops.numpy.Max", "ops.numpy.Min"},
        {Config::object({{"axis", -1}}), Config::object({{"axis", Config::List{1, -1}}, {"keepdims", true}}),
         Config::object({{"axis", 1}, {"initial", 0.25}})}) &&
    register_operations<ExtremePlaceOperation>(
        {"ops.numpy.Argmax", "ops.numpy.Argmin"},
        {Config::object({{"axis", -1}}), Config::object({{"axis", 1}, {"keepdims", true}})});

}  // namespace
}  // namespace batchwise
