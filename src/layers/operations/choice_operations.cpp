// Operations about yes and no: where, logical_not, and casts between dtypes.
#include <algorithm>
#include <optional>

#include "kernels/relation.h"
#include "kernels/whole_numbers.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class WhereOperation final : public Operation {
 public:
  WhereOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  std::vector<DType> call_dtypes(const std::vector<DType>& inputs, const CallForm& form, size_t) const override {
    if (!of_whole(inputs, form)) return {DType::Float32};
    const bool wide = std::find(inputs.begin(), inputs.end(), DType::Int64) != inputs.end();
    return {wide ? DType::Int64 : DType::Int32};
  }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    std::vector<TensorType> types;
    for (const Shape& shape : inputs) types.push_back({shape});
    const auto [condition, a, b] = read(types, form);
    return {repeated_shape(key(), condition.shape, repeated_shape(key(), a.type.shape, b.type.shape))};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    std::vector<TensorType> types;
    std::vector<Value> plain;
    std::vector<DType> dtypes;
    for (const Value input : inputs) {
      plain.push_back(lowering.plain(input));
      dtypes.push_back(lowering.type(input).dtype);
    }
    const auto found = operands(lowering.call_form(), inputs.size(), {"condition", "x1", "x2"});
    if (of_whole(dtypes, lowering.call_form())) return {lower_whole(lowering, plain, found)};
    for (size_t k = 1; k < 3; ++k)
      if (found[k].tensor >= 0)
        if (Value& choice = plain[static_cast<size_t>(found[k].tensor)]; lowering.type(choice).dtype != DType::Float32)
          choice = as_floats(lowering, choice);
    for (const Value value : plain) types.push_back(lowering.type(value));
    std::vector<Value> ordered;
    for (const Operand& operand : found)
      if (operand.tensor >= 0) ordered.push_back(plain[static_cast<size_t>(operand.tensor)]);
    const auto [condition, a, b] = read(types, lowering.call_form());
    return {lowering.add1(make_where_kernel(condition, a, b, lowering.grain()), ordered)};
  }

 private:
  bool of_whole(const std::vector<DType>& tensors, const CallForm& form) const {
    auto found = operands(form, tensors.size(), {"condition", "x1", "x2"});
    std::vector<DType> choices;
    for (size_t k = 1; k < 3; ++k)
      if (found[k].tensor >= 0) choices.push_back(tensors[static_cast<size_t>(found[k].tensor)]);
    found[0] = {};
    return of_whole_numbers(choices, found);
  }
  // b + condition * (a - b), which wraps round and back.
  Value lower_whole(Lowering& lowering, const std::vector<Value>& tensors, const std::vector<Operand>& found) const {
    const Value given = tensors[static_cast<size_t>(found[0].tensor)];
    const Value condition =
        lowering.type(given).dtype == DType::Bool
            ? given
            : lowering.add1(make_cast_kernel(lowering.type(given), DType::Bool, lowering.grain()), {given});
    const int rank = lowering.type(given).shape.rank();
    const auto with = [&](std::string_view function, const Operand& a, Value b) {
      if (a.tensor >= 0) return whole_with_value(lowering, function, tensors[static_cast<size_t>(a.tensor)], b);
      const ElementwiseOperand constant = constant_operand(key(), a.constant, rank);
      return lowering.add1(
          make_whole_number_kernel(key(), function, constant, {lowering.type(b), {}}, lowering.grain()), {b});
    };
    // A constant b becomes a tensor: 0 * condition + b.
    const Value b = found[2].tensor >= 0
                        ? tensors[static_cast<size_t>(found[2].tensor)]
                        : with("add", found[2], whole_with_constant(lowering, "multiply", condition, 0));
    return whole_with_value(lowering, "add", b,
                            whole_with_value(lowering, "multiply", condition, with("subtract", found[1], b)));
  }
  struct Choice {
    TensorType condition;
    ElementwiseOperand a, b;
  };
  Choice read(const std::vector<TensorType>& types, const CallForm& form) const {
    const auto found = operands(form, types.size(), {"condition", "x1", "x2"});
    require(found[0].tensor >= 0 && found[1].given() && found[2].given(), key(),
            "the operation takes a condition and two choices. Got ", types.size(), " tensors.");
    const int rank = types[static_cast<size_t>(found[0].tensor)].shape.rank();
    const auto choice = [&](const Operand& operand) -> ElementwiseOperand {
      if (operand.tensor < 0) return constant_operand(key(), operand.constant, rank);
      const TensorType& type = types[static_cast<size_t>(operand.tensor)];
      require(type.shape.rank() == rank, key(), "all tensors must have the same number of axes. Got ", type.shape, ".");
      return {type, {}};
    };
    return {types[static_cast<size_t>(found[0].tensor)], choice(found[1]), choice(found[2])};
  }
};

class CastOperation final : public Operation {
 public:
  CastOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"dtype"}), dtype_(dtype_named(config.at("dtype").as_string(key))) {}
  DType output_dtype(DType) const override { return dtype_; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (lowering.type(inputs[0]).dtype == dtype_) return {inputs[0]};
    const Value input = lowering.plain(inputs[0]);
    return {lowering.add1(make_cast_kernel(lowering.type(input), dtype_, lowering.grain()), {input})};
  }

 private:
  DType dtype_;
};

// What Keras writes where a tensor may be none yet: the tensor, of another dtype if one is stated.
class ConvertOperation final : public Operation {
 public:
  ConvertOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"dtype", "sparse", "ragged"}) {
    const Config* dtype = config.find("dtype");
    if (dtype && !dtype->is_null()) dtype_ = dtype_named(dtype->as_string(key));
    for (const char* name : {"sparse", "ragged"})
      require(!config.get(name, false), key, name, " must be false or null. Got true.");
  }
  DType output_dtype(DType input) const override { return dtype_.value_or(input); }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    if (!dtype_ || lowering.type(inputs[0]).dtype == *dtype_) return {inputs[0]};
    const Value input = lowering.plain(inputs[0]);
    return {lowering.add1(make_cast_kernel(lowering.type(input), *dtype_, lowering.grain()), {input})};
  }

 private:
  std::optional<DType> dtype_;
};

class LogicalNotOperation final : public Operation {
 public:
  LogicalNotOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  DType output_dtype(DType) const override { return DType::Bool; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {one(inputs, form)}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    return {lowering.add1(make_relation_kernel("equal", {lowering.type(input), {}}, {{}, {0.0f}}, lowering.grain()),
                          {input})};
  }
};

const bool registered =
    register_operations<WhereOperation>({"ops.numpy.Where"}) &&
    register_operations<CastOperation>(
        {"ops.core.Cast"}, {Config::object({{"dtype", "int32"}}), Config::object({{"dtype", "float32"}})}) &&
    register_operations<ConvertOperation>({"ops.core.ConvertToTensor"},
                                          {Config(Config::Object{}), Config::object({{"dtype", "float32"}})}) &&
    register_operations<LogicalNotOperation>({"ops.numpy.LogicalNot"});

}  // namespace
}  // namespace batchwise
