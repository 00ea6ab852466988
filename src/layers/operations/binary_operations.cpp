// Operations on two tensors, or a tensor and a constant, element by element.
#include <algorithm>
#include <map>

#include "kernels/relation.h"
#include "kernels/whole_numbers.h"
#include "layers/merge.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

const std::map<std::string, std::string> kFunctions = {
    {"Add", "add"},
    {"Subtract", "subtract"},
    {"Multiply", "multiply"},
    {"Divide", "divide"},
    {"TrueDivide", "divide"},
    {"Power", "power"},
    {"Maximum", "maximum"},
    {"Minimum", "minimum"},
    {"Arctan2", "arctan2"},
    {"Mod", "mod"},
    {"FloorDivide", "floor_divide"},
    {"DivideNoNan", "divide_no_nan"},
    {"Hypot", "hypot"},
    {"Logaddexp", "logaddexp"},
    {"Logaddexp2", "logaddexp2"},
    {"Fmod", "fmod"},
    {"Fmax", "fmax"},
    {"Fmin", "fmin"},
    {"Heaviside", "heaviside"},
    {"Ldexp", "ldexp"},
    {"Nextafter", "nextafter"},
    {"Equal", "equal"},
    {"NotEqual", "not_equal"},
    {"Greater", "greater"},
    {"GreaterEqual", "greater_equal"},
    {"Less", "less"},
    {"LessEqual", "less_equal"},
    {"LogicalAnd", "logical_and"},
    {"LogicalOr", "logical_or"},
    {"LogicalXor", "logical_xor"},
};

class BinaryOperation final : public Operation {
 public:
  BinaryOperation(const std::string& key, const Config& config)
      : Operation(key, config, {}), function_(kFunctions.at(last_word(key))) {}
  DType output_dtype(DType) const override { return is_relation(function_) ? DType::Bool : DType::Float32; }

  std::vector<DType> call_dtypes(const std::vector<DType>& inputs, const CallForm& form, size_t) const override {
    if (is_relation(function_)) return {DType::Bool};
    if (!of_whole(inputs, form)) return {DType::Float32};
    const bool wide = std::find(inputs.begin(), inputs.end(), DType::Int64) != inputs.end();
    return {wide ? DType::Int64 : DType::Int32};
  }

  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    std::vector<TensorType> types;
    for (const Shape& shape : inputs) types.push_back({shape});
    const auto [a, b] = both(types, form);
    return {repeated_shape(key(), a.type.shape, b.type.shape)};
  }

  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const bool tensors = inputs.size() == 2;
    std::vector<DType> dtypes;
    for (const Value input : inputs) dtypes.push_back(lowering.type(input).dtype);
    const bool whole = of_whole(dtypes, lowering.call_form());
    std::vector<Value> given(inputs.begin(), inputs.end());
    if (!is_relation(function_) && !whole) {
      const bool truths = std::count(dtypes.begin(), dtypes.end(), DType::Bool) == 2;
      require(!truths, key(), "tensors must not both be bool: cast one. Got bool and bool.");
      for (Value& value : given)
        if (lowering.type(value).dtype != DType::Float32) value = as_floats(lowering, value);
    }
    const bool blocks = !whole && !is_relation(function_) &&
                        (tensors ? keeps_padding(function_) : function_ == "multiply" || function_ == "divide") &&
                        (tensors || constant_is_scalar(lowering));
    const std::vector<Value> operands = merge_operands(lowering, given, blocks);
    std::vector<TensorType> types;
    for (const Value value : operands) types.push_back(lowering.type(value));
    const auto [a, b] = both(types, lowering.call_form());
    std::vector<Value> ordered = operands;
    if (tensors && this->operands(lowering.call_form(), 2, {"x1", "x2"})[0].tensor == 1)
      std::swap(ordered[0], ordered[1]);
    if (whole) return {lowering.add1(make_whole_number_kernel(key(), function_, a, b, lowering.grain()), ordered)};
    return {lowering.add1(is_relation(function_) ? make_relation_kernel(function_, a, b, lowering.grain())
                                                 : make_binary_kernel(function_, a, b, lowering.grain()),
                          ordered)};
  }

 private:
  bool of_whole(const std::vector<DType>& tensors, const CallForm& form) const {
    return is_whole_function(function_) && of_whole_numbers(tensors, operands(form, tensors.size(), {"x1", "x2"}));
  }
  bool constant_is_scalar(const Lowering& lowering) const {
    const auto found = operands(lowering.call_form(), 1, {"x1", "x2"});
    return found[0].tensor == 0 && found[1].constant.is_number() && found[1].constant.as_number() != 0;
  }

  std::pair<ElementwiseOperand, ElementwiseOperand> both(const std::vector<TensorType>& types,
                                                         const CallForm& form) const {
    const std::vector<Operand> found = operands(form, types.size(), {"x1", "x2"});
    require(!types.empty() && found[0].given() && found[1].given(), key(),
            "the operation takes two tensors, or a tensor and a constant. Got ", types.size(), " tensors.");
    require(types.size() == 1 || types[0].shape.rank() == types[1].shape.rank(), key(),
            "two tensors must have the same number of axes. Got ", types[0].shape, " and ", types.back().shape, ".");
    const auto read = [&](const Operand& operand) -> ElementwiseOperand {
      if (operand.tensor >= 0) return {types[static_cast<size_t>(operand.tensor)], {}};
      return constant_operand(key(), operand.constant, types[0].shape.rank());
    };
    return {read(found[0]), read(found[1])};
  }

  std::string function_;
};

const bool registered = register_operations<BinaryOperation>(
    {"ops.numpy.Logaddexp2",   "ops.numpy.Fmod",        "ops.numpy.Fmax",        "ops.numpy.Fmin",
     "ops.numpy.Heaviside",    "ops.numpy.Ldexp",       "ops.numpy.Nextafter",   "ops.numpy.Add",
     "ops.numpy.Subtract",     "ops.numpy.Multiply",    "ops.numpy.Divide",      "ops.numpy.TrueDivide",
     "ops.numpy.Power",        "ops.numpy.Maximum",     "ops.numpy.Minimum",     "ops.numpy.Arctan2",
     "ops.numpy.Mod",          "ops.numpy.FloorDivide", "ops.numpy.DivideNoNan", "ops.numpy.Hypot",
     "ops.numpy.Logaddexp",    "ops.numpy.Equal",       "ops.numpy.NotEqual",    "ops.numpy.Greater",
     "ops.numpy.GreaterEqual", "ops.numpy.Less",        "ops.numpy.LessEqual",   "ops.numpy.LogicalAnd",
     "ops.numpy.LogicalOr",    "ops.numpy.LogicalXor"});

}  // namespace
}  // namespace batchwise
