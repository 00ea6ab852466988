// Operations on whole numbers alone: bits, shifts, common divisors and multiples; and digitize,
// which counts bins.
#include <map>

#include "kernels/element_numbers.h"
#include "kernels/relation.h"
#include "kernels/whole_numbers.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

const std::map<std::string, std::string> kFunctions = {
    {"BitwiseAnd", "bitwise_and"},
    {"BitwiseOr", "bitwise_or"},
    {"BitwiseXor", "bitwise_xor"},
    {"BitwiseLeftShift", "left_shift"},
    {"LeftShift", "left_shift"},
    {"BitwiseRightShift", "right_shift"},
    {"RightShift", "right_shift"},
    {"Gcd", "gcd"},
    {"Lcm", "lcm"},
};

class WholeNumberOperation final : public Operation {
 public:
  WholeNumberOperation(const std::string& key, const Config& config)
      : Operation(key, config, {}), function_(kFunctions.at(last_word(key))) {}
  DType output_dtype(DType input) const override { return input == DType::Int64 ? DType::Int64 : DType::Int32; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    check(inputs.size(), form);
    return {repeated_shape(key(), inputs[0], inputs[1])};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value a = lowering.plain(inputs[0]), b = lowering.plain(inputs[1]);
    for (const Value value : {a, b})
      require(lowering.type(value).dtype == DType::Int32, key(), "the tensors must be of int32: cast them. Got ",
              lowering.type(value).dtype, ".");
    return {whole_with_value(lowering, function_, a, b)};
  }

 private:
  void check(size_t tensors, const CallForm& form) const {
    const bool numbered = last_word(key()) == "Gcd" || last_word(key()) == "Lcm";
    const auto found =
        operands(form, tensors, numbered ? std::vector<std::string>{"x1", "x2"} : std::vector<std::string>{"x", "y"});
    require(tensors == 2 && found[0].tensor == 0 && found[1].tensor == 1, key(),
            "the operation takes two tensors. Got ", tensors, ".");
  }
  std::string function_;
};

class InvertOperation final : public Operation {
 public:
  InvertOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  DType output_dtype(DType input) const override { return input == DType::Int64 ? DType::Int64 : DType::Int32; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    require(lowering.type(input).dtype == DType::Int32, key(), "the tensor must be of int32: cast it. Got ",
            lowering.type(input).dtype, ".");
    return {whole_with_constant(lowering, "bitwise_xor", input, -1)};
  }
};

// How many bins begin at or below an element.
class DigitizeOperation final : public Operation {
 public:
  DigitizeOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  DType output_dtype(DType) const override { return DType::Int32; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    bins(inputs.size(), form);
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = as_floats(lowering, inputs[0]);
    return {lowering.add1(
        make_discretization_kernel(bins(1, lowering.call_form()), lowering.type(input), lowering.grain()), {input})};
  }

 private:
  std::vector<float> bins(size_t tensors, const CallForm& form) const {
    const auto found = operands(form, tensors, {"x", "bins"});
    require(tensors == 1 && found[0].tensor == 0, key(), "the operation takes one tensor, and bins. Got ", tensors,
            " tensors.");
    if (!found[1].given()) return {0};
    std::vector<float> all = constant_operand(key(), found[1].constant, Shape::kMaxRank).constant;
    for (size_t i = 1; i < all.size(); ++i)
      require(all[i] >= all[i - 1], key(), "bins must rise. Got ", all[i], " behind ", all[i - 1], ".");
    return all;
  }
};

const bool registered = register_operations<WholeNumberOperation>(
                            {"ops.numpy.BitwiseAnd", "ops.numpy.BitwiseOr", "ops.numpy.BitwiseXor",
                             "ops.numpy.BitwiseLeftShift", "ops.numpy.BitwiseRightShift", "ops.numpy.LeftShift",
                             "ops.numpy.RightShift", "ops.numpy.Gcd", "ops.numpy.Lcm"}) &&
                        register_operations<InvertOperation>({"ops.numpy.BitwiseInvert", "ops.numpy.BitwiseNot"}) &&
                        register_operations<DigitizeOperation>({"ops.numpy.Digitize"});

}  // namespace
}  // namespace batchwise
