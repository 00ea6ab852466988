// Operations that measure vectors: norm, and normalize, which divides by it.
#include <cmath>

#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

enum class Measure { Sum, Root, Greatest, Least };

Measure measure_of(const std::string& key, const Config* order, bool matrix) {
  if (!order || order->is_null() || *order == Config("fro")) return Measure::Root;
  if (order->is_number() && !matrix) {
    const double number = order->as_number(key);
    if (number == 1) return Measure::Sum;
    if (number == 2) return Measure::Root;
    if (std::isinf(number)) return number > 0 ? Measure::Greatest : Measure::Least;
  }
  fail(key,
       matrix ? "the order of a norm over two axes must be null or fro. Got "
              : "the order of a norm must be 1, 2, inf or -inf. Got ",
       order->text(), ".");
}

Value measured(Lowering& lowering, const ReducedAxes& axes, Measure measure, Value value) {
  if (measure == Measure::Root)  // at 0 the slope is taken to be 0
    return through(lowering, "deviation", axes.along(lowering, "sum", through(lowering, "square", value)));
  const char* function = measure == Measure::Sum ? "sum" : measure == Measure::Greatest ? "max" : "min";
  return axes.along(lowering, function, through(lowering, "abs", value));
}

class NormOperation final : public Operation {
 public:
  NormOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"ord", "axis", "keepdims"}),
        axes_(key, config),
        measure_(measure_of(key, config.find("ord"), axes_.count() > 1)),
        keeps_(config.get("keepdims", false)) {}
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return {axes_.reduced(one(inputs, form), keeps_)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const Shape shape = lowering.type(input).shape;
    return {axes_.finish(lowering, measured(lowering, axes_, measure_, input), shape, keeps_)};
  }

 private:
  ReducedAxes axes_;
  Measure measure_;
  bool keeps_;
};

class NormalizeOperation final : public Operation {
 public:
  NormalizeOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis", "order", "epsilon"}),
        axes_(key, config),
        measure_(measure_of(key, config.find("order"), false)),
        epsilon_(static_cast<float>(config.get("epsilon", 1e-7))) {}
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    if (measure_ == Measure::Root) {
      const Value squares = axes_.along(lowering, "sum", through(lowering, "square", input));
      const Value inverse = with_constant(lowering, "minimum", through(lowering, "rsqrt", squares), 1 / epsilon_);
      return {with_value(lowering, "multiply", input, inverse)};
    }
    const Value size = with_constant(lowering, "maximum", measured(lowering, axes_, measure_, input), epsilon_);
    return {with_value(lowering, "divide", input, size)};
  }

 private:
  ReducedAxes axes_;
  Measure measure_;
  float epsilon_;
};

const bool registered =
    register_operations<NormOperation>(
        {"ops.linalg.Norm"},
        {Config::object({{"axis", Config::List{-1}}}), Config::object({{"ord", 1}, {"axis", 1}, {"keepdims", true}}),
         Config::object({{"ord", "fro"}, {"axis", Config::List{1, 2}}})}) &&
    register_operations<NormalizeOperation>(
        {"ops.nn.Normalize"}, {Config::object({{"axis", -1}}), Config::object({{"axis", 1}, {"order", 1}})});

}  // namespace
}  // namespace batchwise
