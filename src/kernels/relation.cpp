// Yes or no about the elements of tensors, and choosing by it.
#include "kernels/relation.h"

#include <algorithm>
#include <optional>
#include <string>

#include <batchwise/error.h>

#include "kernels/repeated_runs.h"

namespace batchwise {
namespace {

double number_at(DType dtype, const void* values, int64_t i) {
  switch (dtype) {
    case DType::Float32: return static_cast<const float*>(values)[i];
    case DType::Float64: return static_cast<const double*>(values)[i];
    case DType::Int8: return static_cast<const int8_t*>(values)[i];
    case DType::UInt8:
    case DType::Bool: return static_cast<const uint8_t*>(values)[i];
    case DType::Int16: return static_cast<const int16_t*>(values)[i];
    case DType::UInt16: return static_cast<const uint16_t*>(values)[i];
    case DType::Int32: return static_cast<const int32_t*>(values)[i];
    case DType::UInt32: return static_cast<const uint32_t*>(values)[i];
    case DType::Int64: return static_cast<double>(static_cast<const int64_t*>(values)[i]);
    case DType::UInt64: return static_cast<double>(static_cast<const uint64_t*>(values)[i]);
    default: return 0;
  }
}

void put(DType dtype, void* values, int64_t i, double number) {
  switch (dtype) {
    case DType::Float32: static_cast<float*>(values)[i] = static_cast<float>(number); break;
    case DType::Bool: static_cast<uint8_t*>(values)[i] = number != 0; break;
    case DType::UInt8: static_cast<uint8_t*>(values)[i] = static_cast<uint8_t>(static_cast<int64_t>(number)); break;
    case DType::Int32: static_cast<int32_t*>(values)[i] = static_cast<int32_t>(static_cast<int64_t>(number)); break;
    case DType::Int64: static_cast<int64_t*>(values)[i] = static_cast<int64_t>(number); break;
    default: break;
  }
}

struct RelationEntry {
  const char* name;
  bool (*holds)(double a, double b);
};
constexpr RelationEntry kRelations[] = {
    {"equal", [](double a, double b) { return a == b; }},
    {"not_equal", [](double a, double b) { return a != b; }},
    {"less", [](double a, double b) { return a < b; }},
    {"less_equal", [](double a, double b) { return a <= b; }},
    {"greater", [](double a, double b) { return a > b; }},
    {"greater_equal", [](double a, double b) { return a >= b; }},
    {"logical_and", [](double a, double b) { return a != 0 && b != 0; }},
    {"logical_or", [](double a, double b) { return a != 0 || b != 0; }},
    {"logical_xor", [](double a, double b) { return (a != 0) != (b != 0); }},
};

class RelationKernel final : public Kernel {
 public:
  RelationKernel(const RelationEntry& relation, const std::array<ElementwiseOperand, 2>& operands, int64_t grain)
      : relation_(relation),
        operands_(operands),
        to_{repeated_shape(relation.name, operands[0].type.shape, operands[1].type.shape), DType::Bool, 0},
        runs_({operands[0].type.shape, operands[1].type.shape}, {operands[0].is_constant(), operands[1].is_constant()},
              to_.shape),
        grain_(grain) {
    for (ElementwiseOperand& operand : operands_)
      if (operand.is_constant()) operand.type.dtype = DType::Float32;
  }
  std::string_view kind() const override { return relation_.name; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override {
    std::array<const void*, 2> from{};
    size_t tensor = 0;
    for (size_t k = 0; k < 2; ++k)
      from[k] = operands_[k].is_constant() ? operands_[k].constant.data() : call.inputs[tensor++];
    uint8_t* y = static_cast<uint8_t*>(call.outputs[0]);
    runs_.visit(grain_, [&](int64_t to, const std::array<int64_t, 2>& at, int64_t count) {
      for (int64_t i = 0; i < count; ++i)
        y[to + i] = relation_.holds(number_at(operands_[0].type.dtype, from[0], at[0] + i * runs_.step(0)),
                                    number_at(operands_[1].type.dtype, from[1], at[1] + i * runs_.step(1)));
    });
  }
  void backward(const BackwardCall& call) const override {
    size_t tensor = 0;
    for (const ElementwiseOperand& operand : operands_) {
      if (operand.is_constant()) continue;
      if (float* dx = static_cast<float*>(call.input_gradients[tensor++]))
        std::fill_n(dx, grain_ * operand.type.shape.count(), 0.0f);
    }
  }

 private:
  const RelationEntry& relation_;
  std::array<ElementwiseOperand, 2> operands_;
  TensorType to_;
  RepeatedRuns<2> runs_;
  int64_t grain_;
};

class CastKernel final : public Kernel {
 public:
  CastKernel(const TensorType& type, DType to, int64_t grain)
      : from_(type), to_{type.shape, to, 0}, count_(grain * type.shape.count()) {}
  std::string_view kind() const override { return "cast"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override {
    for (int64_t i = 0; i < count_; ++i) put(to_.dtype, call.outputs[0], i, number_at(from_.dtype, call.inputs[0], i));
  }
  void backward(const BackwardCall& call) const override {
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    if (to_.dtype == DType::Float32) std::copy_n(static_cast<const float*>(call.output_gradients[0]), count_, dx);
    else std::fill_n(dx, count_, 0.0f);
  }

 private:
  TensorType from_, to_;
  int64_t count_;
};

class WhereKernel final : public Kernel {
 public:
  WhereKernel(const TensorType& condition, const std::array<ElementwiseOperand, 2>& operands, int64_t grain)
      : condition_(condition),
        operands_(operands),
        to_{repeated_shape("where", condition.shape,
                           repeated_shape("where", operands[0].type.shape, operands[1].type.shape)),
            DType::Float32, 0},
        runs_({condition.shape, operands[0].type.shape, operands[1].type.shape},
              {false, operands[0].is_constant(), operands[1].is_constant()}, to_.shape),
        grain_(grain) {}
  std::string_view kind() const override { return "where"; }
  std::vector<TensorType> outputs() const override { return {to_}; }

  void forward(const ForwardCall& call) const override {
    std::array<const float*, 2> from{};
    size_t tensor = 1;
    for (size_t k = 0; k < 2; ++k)
      from[k] =
          operands_[k].is_constant() ? operands_[k].constant.data() : static_cast<const float*>(call.inputs[tensor++]);
    float* y = static_cast<float*>(call.outputs[0]);
    visit(grain_, call.inputs[0], [&](int64_t to, size_t chosen, int64_t place) { y[to] = from[chosen][place]; });
  }
  void backward(const BackwardCall& call) const override {
    if (float* dx = static_cast<float*>(call.input_gradients[0]))
      std::fill_n(dx, grain_ * condition_.shape.count(), 0.0f);
    std::array<float*, 2> gradients{};
    size_t tensor = 1;
    for (size_t k = 0; k < 2; ++k) {
      if (operands_[k].is_constant()) continue;
      gradients[k] = static_cast<float*>(call.input_gradients[tensor++]);
      if (gradients[k]) std::fill_n(gradients[k], grain_ * operands_[k].type.shape.count(), 0.0f);
    }
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    visit(call.rows, call.inputs[0], [&](int64_t to, size_t chosen, int64_t place) {
      if (gradients[chosen]) gradients[chosen][place] += dy[to];
    });
  }

 private:
  template <class Body>
  void visit(int64_t samples, const void* condition, Body body) const {
    runs_.visit(samples, [&](int64_t to, const std::array<int64_t, 3>& at, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        const size_t chosen = number_at(condition_.dtype, condition, at[0] + i * runs_.step(0)) != 0 ? 0 : 1;
        body(to + i, chosen, at[1 + chosen] + i * runs_.step(1 + chosen));
      }
    });
  }

  TensorType condition_;
  std::array<ElementwiseOperand, 2> operands_;
  TensorType to_;
  RepeatedRuns<3> runs_;
  int64_t grain_;
};

void require_plain_number(std::string_view where, const TensorType& type) {
  require(type.channel_block == 0 && type.dtype != DType::Float16 && type.dtype != DType::BFloat16, where,
          "tensors must be plain, of a dtype that the CPU computes with. Got ", type.dtype, ".");
}

}  // namespace

bool is_relation(std::string_view name) {
  return std::any_of(std::begin(kRelations), std::end(kRelations), [&](const auto& r) { return name == r.name; });
}

std::unique_ptr<Kernel> make_relation_kernel(std::string_view name, const ElementwiseOperand& a,
                                             const ElementwiseOperand& b, int64_t grain) {
  require_plain_number(name, a.type);
  require_plain_number(name, b.type);
  for (const RelationEntry& relation : kRelations)
    if (name == relation.name)
      return std::make_unique<RelationKernel>(relation, std::array<ElementwiseOperand, 2>{a, b}, grain);
  fail(name, "the relation must be one that batchwise knows. Got \"", name, "\".");
}

std::unique_ptr<Kernel> make_cast_kernel(const TensorType& type, DType to, int64_t grain) {
  require_plain_number("cast", type);
  require(to == DType::Float32 || to == DType::Bool || to == DType::UInt8 || to == DType::Int32 || to == DType::Int64,
          "cast", "the dtype must be float32, bool, uint8, int32 or int64. Got ", to, ".");
  return std::make_unique<CastKernel>(type, to, grain);
}

std::unique_ptr<Kernel> make_where_kernel(const TensorType& condition, const ElementwiseOperand& a,
                                          const ElementwiseOperand& b, int64_t grain) {
  require_plain_number("where", condition);
  for (const ElementwiseOperand* operand : {&a, &b})
    require(operand->type.dtype == DType::Float32, "where", "both choices must be float32. Got ", operand->type.dtype,
            ".");
  return std::make_unique<WhereKernel>(condition, std::array<ElementwiseOperand, 2>{a, b}, grain);
}

}  // namespace batchwise
