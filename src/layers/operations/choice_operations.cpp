// Operations about yes and no: where, logical_not, and casts between dtypes.
#include <optional>

#include "kernels/relation.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class WhereOperation final : public Operation {
 public:
  WhereOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    std::vector<TensorType> types;
    for (const Shape& shape : inputs) types.push_back({shape});
    const auto [condition, a, b] = read(types, form);
    return {repeated_shape(key(), condition.shape, repeated_shape(key(), a.type.shape, b.type.shape))};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    std::vector<TensorType> types;
    std::vector<Value> plain;
    for (const Value input : inputs) plain.push_back(lowering.plain(input));
    for (const Value value : plain) types.push_back(lowering.type(value));
    std::vector<Value> ordered;
    for (const Operand& operand : operands(lowering.call_form(), inputs.size(), {"condition", "x1", "x2"}))
      if (operand.tensor >= 0) ordered.push_back(plain[static_cast<size_t>(operand.tensor)]);
    const auto [condition, a, b] = read(types, lowering.call_form());
    return {lowering.add1(make_where_kernel(condition, a, b, lowering.grain()), ordered)};
  }

 private:
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
