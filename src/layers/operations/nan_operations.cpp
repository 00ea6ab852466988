// Reductions and running sums that pass over what is not a number: nansum, nanmean, nanmax, nanvar, nancumsum.
#include <limits>
#include <map>

#include "kernels/activation.h"
#include "kernels/relation.h"
#include "kernels/running_product.h"
#include "kernels/running_sum.h"
#include "kernels/special_functions.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

class NanReductionOperation final : public Operation {
 public:
  NanReductionOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis", "keepdims"}),
        axes_(key, config),
        word_(last_word(key).substr(3)),
        keeps_(config.get("keepdims", false)) {}
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return {axes_.reduced(one(inputs, form), keeps_)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    const Shape shape = lowering.type(input).shape;
    const TensorType type = lowering.type(input);
    const Value valid =
        lowering.add1(make_relation_kernel("equal", {type, {}}, {type, {}}, lowering.grain()), {input, input});
    return {axes_.finish(lowering, reduced(lowering, input, valid), shape, keeps_)};
  }

 private:
  static Value where(Lowering& lowering, Value condition, Value value, float otherwise) {
    return lowering.add1(
        make_where_kernel(lowering.type(condition), {lowering.type(value), {}}, {{}, {otherwise}}, lowering.grain()),
        {condition, value});
  }
  Value reduced(Lowering& lowering, Value input, Value valid) const {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (word_ == "sum") return axes_.along(lowering, "sum", where(lowering, valid, input, 0));
    if (word_ == "prod") return axes_.along(lowering, "prod", where(lowering, valid, input, 1));
    const Value count = axes_.along(lowering, "sum", as_floats(lowering, valid));
    if (word_ == "max" || word_ == "min")
      return where(lowering, count,
                   axes_.along(lowering, word_, where(lowering, valid, input, word_ == "max" ? -kInfinity : kInfinity)),
                   std::numeric_limits<float>::quiet_NaN());
    const Value mean =
        with_value(lowering, "divide", axes_.along(lowering, "sum", where(lowering, valid, input, 0)), count);
    if (word_ == "mean") return mean;
    const Value centred = where(lowering, valid, with_value(lowering, "subtract", input, mean), 0);
    const Value squares = axes_.along(lowering, "sum", through(lowering, "square", centred));
    const Value variance = with_value(lowering, "divide", squares, count);
    return word_ == "var" ? variance : through(lowering, "deviation", variance);
  }

  ReducedAxes axes_;
  std::string word_;
  bool keeps_;
};

// Running sums and products; those of numbers alone take 0 or 1 in place of what is none.
class RunningOperation final : public Operation {
 public:
  RunningOperation(const std::string& key, const Config& config) : Operation(key, config, {"axis", "dtype"}) {
    const Config *axis = config.find("axis"), *dtype = config.find("dtype");
    require(axis && axis->is_int(), key, "axis must be one axis of a sample: without one, samples would be mixed. Got ",
            axis ? axis->text() : "none", ".");
    require(!dtype || dtype->is_null() || *dtype == Config("float32"), key, "dtype must be null or float32. Got ",
            dtype ? dtype->text() : "", ".");
    axis_ = axis->as_int(key);
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    sample_axis(key(), axis_, one(inputs, form).rank());
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const std::string word = last_word(key());
    Value input = as_floats(lowering, inputs[0]);
    const TensorType type = lowering.type(input);
    const int axis = sample_axis(key(), axis_, type.shape.rank());
    constexpr float kLargest = std::numeric_limits<float>::max();
    if (word != "Cumprod")
      input = lowering.add1(
          make_elementwise_kernel(*find_special_entry("nan_to_num"),
                                  {word == "Nancumsum" ? 0.0f : 1.0f, kLargest, -kLargest}, type, lowering.grain()),
          {input});
    if (word == "Nancumsum") return {lowering.add1(make_running_sum_kernel(type, axis, lowering.grain()), {input})};
    return {lowering.add1(make_running_product_kernel(type, axis, lowering.grain()), {input})};
  }

 private:
  int64_t axis_ = 0;
};

const bool registered =
    register_operations<NanReductionOperation>(
        {"ops.numpy.Nansum", "ops.numpy.Nanmean", "ops.numpy.Nanmax", "ops.numpy.Nanmin", "ops.numpy.Nanprod",
         "ops.numpy.Nanvar", "ops.numpy.Nanstd"},
        {Config::object({{"axis", -1}}), Config::object({{"axis", Config::List{1, -1}}, {"keepdims", true}})}) &&
    register_operations<RunningOperation>({"ops.numpy.Cumprod", "ops.numpy.Nancumsum", "ops.numpy.Nancumprod"},
                                          {Config::object({{"axis", 1}}), Config::object({{"axis", -1}})});

}  // namespace
}  // namespace batchwise
