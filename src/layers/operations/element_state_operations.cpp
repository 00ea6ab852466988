// Operations that ask about elements: isposinf, isneginf, signbit, isreal, isclose, isin; and count those that are not
// 0.
#include <algorithm>
#include <array>
#include <limits>

#include "kernels/relation.h"
#include "layers/operations/operation.h"
#include "layers/operations/reduced_axes.h"

namespace batchwise {
namespace {

ElementwiseOperand number(float value) { return {{}, {value}}; }

class InfinityOperation final : public Operation {
 public:
  InfinityOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  DType output_dtype(DType) const override { return DType::Bool; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType& type = lowering.type(input);
    const std::string word = last_word(key());
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (word == "Isreal")  // whatever holds or not
      return {lowering.add1(make_relation_kernel("logical_or", {type, {}}, number(1), lowering.grain()), {input})};
    if (word == "Signbit") {  // of -0 too, whose reciprocal is -inf
      const Value inverse = through(lowering, "reciprocal", as_floats(lowering, input));
      const auto below = [&](Value value) {
        return lowering.add1(make_relation_kernel("less", {lowering.type(value), {}}, number(0), lowering.grain()),
                             {value});
      };
      const Value negative = below(input), other = below(inverse);
      const TensorType truth = lowering.type(negative);
      return {lowering.add1(make_relation_kernel("logical_or", {truth, {}}, {truth, {}}, lowering.grain()),
                            {negative, other})};
    }
    return {lowering.add1(make_relation_kernel("equal", {type, {}}, number(word == "Isposinf" ? kInfinity : -kInfinity),
                                               lowering.grain()),
                          {input})};
  }
};

// |a - b| <= atol + rtol * |b|.
class CloseOperation final : public Operation {
 public:
  CloseOperation(const std::string& key, const Config& config) : Operation(key, config, {"equal_nan"}) {
    require(!config.get("equal_nan", false), key, "equal_nan must be false. Got true.");
  }
  DType output_dtype(DType) const override { return DType::Bool; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto [a, b] = tensors(inputs.size(), form);
    return {repeated_shape(key(), inputs[a], inputs[b])};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const auto found = operands(lowering.call_form(), inputs.size(), {"x1", "x2", "rtol", "atol"});
    const auto tolerance = [&](const Operand& operand, double otherwise) {
      return static_cast<float>(operand.given() ? operand.constant.as_number(key()) : otherwise);
    };
    const auto [at_a, at_b] = tensors(inputs.size(), lowering.call_form());
    const Value a = as_floats(lowering, inputs[at_a]), b = as_floats(lowering, inputs[at_b]);
    const Value apart = through(lowering, "abs", with_value(lowering, "subtract", a, b));
    const Value room = with_constant(
        lowering, "add", with_constant(lowering, "multiply", through(lowering, "abs", b), tolerance(found[2], 1e-5)),
        tolerance(found[3], 1e-8));
    return {lowering.add1(
        make_relation_kernel("less_equal", {lowering.type(apart), {}}, {lowering.type(room), {}}, lowering.grain()),
        {apart, room})};
  }

 private:
  std::array<size_t, 2> tensors(size_t count, const CallForm& form) const {
    const auto found = operands(form, count, {"x1", "x2", "rtol", "atol"});
    require(count == 2 && found[0].tensor >= 0 && found[1].tensor >= 0, key(),
            "the operation takes two tensors of equally many axes. Got ", count, ".");
    return {static_cast<size_t>(found[0].tensor), static_cast<size_t>(found[1].tensor)};
  }
};

// Whether an element is one of a list of constants.
class IsInOperation final : public Operation {
 public:
  IsInOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"assume_unique", "invert"}), inverted_(config.get("invert", false)) {}
  DType output_dtype(DType) const override { return DType::Bool; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    list(inputs.size(), form, inputs[0].rank());
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    Value found;
    for (const float wanted : list(inputs.size(), lowering.call_form(), type.shape.rank())) {
      const Value same =
          lowering.add1(make_relation_kernel("equal", {type, {}}, number(wanted), lowering.grain()), {input});
      const TensorType truth = lowering.type(same);
      found = found.index < 0
                  ? same
                  : lowering.add1(make_relation_kernel("logical_or", {truth, {}}, {truth, {}}, lowering.grain()),
                                  {found, same});
    }
    if (!inverted_) return {found};
    return {
        lowering.add1(make_relation_kernel("equal", {lowering.type(found), {}}, number(0), lowering.grain()), {found})};
  }

 private:
  std::vector<float> list(size_t tensors, const CallForm& form, int rank) const {
    const auto found = operands(form, tensors, {"x1", "x2"});
    require(tensors == 1 && found[0].tensor == 0, key(), "the operation takes one tensor, and a list. Got ", tensors,
            " tensors.");
    if (!found[1].given()) return {0};
    std::vector<float> all = constant_operand(key(), found[1].constant, std::max(rank, 1)).constant;
    require(all.size() <= 64, key(), "the list must have 64 numbers at most. Got ", all.size(), ".");
    return all;
  }
  bool inverted_;
};

class CountNonzeroOperation final : public Operation {
 public:
  CountNonzeroOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"axis"}), axes_(key, config) {}
  DType output_dtype(DType) const override { return DType::Int32; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return {axes_.reduced(one(inputs, form), false)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Value counted =
        lowering.add1(make_relation_kernel("not_equal", {type, {}}, number(0), lowering.grain()), {input});
    const Value sum = axes_.along(lowering, "sum", as_floats(lowering, counted));
    const Value whole = axes_.finish(lowering, sum, type.shape, false);
    return {lowering.add1(make_cast_kernel(lowering.type(whole), DType::Int32, lowering.grain()), {whole})};
  }

 private:
  ReducedAxes axes_;
};

const bool registered =
    register_operations<InfinityOperation>(
        {"ops.numpy.Isposinf", "ops.numpy.Isneginf", "ops.numpy.Isreal", "ops.numpy.Signbit"}) &&
    register_operations<CloseOperation>({"ops.numpy.Isclose"}) &&
    register_operations<IsInOperation>({"ops.numpy.IsIn"}) &&
    register_operations<CountNonzeroOperation>({"ops.numpy.CountNonzero"}, {Config::object({{"axis", -1}})});

}  // namespace
}  // namespace batchwise
