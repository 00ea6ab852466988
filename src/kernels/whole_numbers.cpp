// Arithmetic of whole numbers, in 64 bits and cut to 32.
#include "kernels/whole_numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <string>

#include <batchwise/error.h>

#include "kernels/repeated_runs.h"

namespace batchwise {
namespace {

using Numbers = int64_t (*)(int64_t a, int64_t b);

int64_t floor_divide(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }
int64_t cut(int64_t number) { return static_cast<int32_t>(static_cast<uint32_t>(number)); }
int64_t power(int64_t base, int64_t exponent) {
  if (exponent < 0) return base == 1 ? 1 : base == -1 ? (exponent % 2 ? -1 : 1) : 0;
  int64_t result = 1;
  for (; exponent > 0; exponent /= 2, base = cut(base * base))
    if (exponent % 2) result = cut(result * base);
  return result;
}

struct Entry {
  const char* name;
  Numbers of;
  bool divides = false;
};
constexpr Entry kEntries[] = {
    {"add", [](int64_t a, int64_t b) { return a + b; }},
    {"subtract", [](int64_t a, int64_t b) { return a - b; }},
    {"multiply", [](int64_t a, int64_t b) { return a * b; }},
    {"floor_divide", floor_divide, true},
    {"mod", [](int64_t a, int64_t b) { return a - floor_divide(a, b) * b; }, true},
    {"maximum", [](int64_t a, int64_t b) { return std::max(a, b); }},
    {"minimum", [](int64_t a, int64_t b) { return std::min(a, b); }},
    {"power", power},
    {"bitwise_and", [](int64_t a, int64_t b) { return a & b; }},
    {"bitwise_or", [](int64_t a, int64_t b) { return a | b; }},
    {"bitwise_xor", [](int64_t a, int64_t b) { return a ^ b; }},
    {"left_shift", [](int64_t a, int64_t b) { return b >= 0 && b < 32 ? a * (int64_t{1} << b) : 0; }},
    {"right_shift", [](int64_t a, int64_t b) { return a >> std::clamp<int64_t>(b, 0, 31); }},
    {"gcd", [](int64_t a, int64_t b) { return std::gcd(a, b); }},
    {"lcm", [](int64_t a, int64_t b) { return std::lcm(a, b); }},
};

const Entry* entry_of(std::string_view name) {
  for (const Entry& entry : kEntries)
    if (name == entry.name) return &entry;
  return nullptr;
}

int64_t number_at(DType dtype, const void* values, int64_t i) {
  return dtype == DType::Int32 ? static_cast<const int32_t*>(values)[i] : static_cast<const uint8_t*>(values)[i];
}

void clear(void* gradient, int64_t count) {
  if (gradient) std::fill_n(static_cast<float*>(gradient), count, 0.0f);
}

class WholeNumberKernel final : public Kernel {
 public:
  WholeNumberKernel(std::string_view where, const Entry& entry, const std::array<ElementwiseOperand, 2>& operands,
                    int64_t grain)
      : where_(where),
        entry_(entry),
        types_{operands[0].type, operands[1].type},
        constant_{operands[0].is_constant(), operands[1].is_constant()},
        to_{repeated_shape(where, types_[0].shape, types_[1].shape), DType::Int32, 0},
        runs_({types_[0].shape, types_[1].shape}, constant_, to_.shape),
        grain_(grain) {
    for (size_t k = 0; k < 2; ++k) {
      if (!constant_[k]) continue;
      types_[k].dtype = DType::Int32;
      for (const float number : operands[k].constant) numbers_[k].push_back(static_cast<int32_t>(number));
    }
  }
  std::string_view kind() const override { return entry_.name; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override {
    std::array<const void*, 2> from{};
    size_t tensor = 0;
    for (size_t k = 0; k < 2; ++k) from[k] = constant_[k] ? numbers_[k].data() : call.inputs[tensor++];
    auto* y = static_cast<int32_t*>(call.outputs[0]);
    runs_.visit(grain_, [&](int64_t to, const std::array<int64_t, 2>& at, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        const int64_t a = number_at(types_[0].dtype, from[0], at[0] + i * runs_.step(0)),
                      b = number_at(types_[1].dtype, from[1], at[1] + i * runs_.step(1));
        require(!entry_.divides || b != 0, where_, "whole numbers cannot be divided by 0. Got ", a, " by 0.");
        y[to + i] = static_cast<int32_t>(cut(entry_.of(a, b)));
      }
    });
  }
  void backward(const BackwardCall& call) const override {
    size_t tensor = 0;
    for (size_t k = 0; k < 2; ++k)
      if (!constant_[k]) clear(call.input_gradients[tensor++], grain_ * types_[k].shape.count());
  }

 private:
  std::string where_;
  const Entry& entry_;
  std::array<TensorType, 2> types_;
  std::array<bool, 2> constant_;
  std::array<std::vector<int32_t>, 2> numbers_;
  TensorType to_;
  RepeatedRuns<2> runs_;
  int64_t grain_;
};

class WholeReductionKernel final : public Kernel {
 public:
  WholeReductionKernel(const Entry& entry, int64_t start, const TensorType& type, int first, int last, int64_t grain)
      : entry_(entry), start_(start), from_(type), to_{type.shape, DType::Int32, 0}, grain_(grain) {
    for (int axis = 0; axis < type.shape.rank(); ++axis)
      (axis < first ? outer_ : axis <= last ? length_ : inner_) *= type.shape[axis];
    for (int axis = first; axis <= last; ++axis) to_.shape[axis] = 1;
  }
  std::string_view kind() const override { return "whole_reduction"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  void forward(const ForwardCall& call) const override {
    auto* y = static_cast<int32_t*>(call.outputs[0]);
    for (int64_t o = 0; o < grain_ * outer_; ++o)
      for (int64_t i = 0; i < inner_; ++i) {
        int64_t result = start_;
        for (int64_t k = 0; k < length_; ++k)
          result = cut(entry_.of(result, number_at(from_.dtype, call.inputs[0], (o * length_ + k) * inner_ + i)));
        y[o * inner_ + i] = static_cast<int32_t>(result);
      }
  }
  void backward(const BackwardCall& call) const override {
    clear(call.input_gradients[0], grain_ * from_.shape.count());
  }

 private:
  const Entry& entry_;
  int64_t start_;
  TensorType from_, to_;
  int64_t grain_, outer_ = 1, length_ = 1, inner_ = 1;
};

}  // namespace

bool is_whole(DType dtype) { return dtype == DType::Int32 || dtype == DType::Bool; }
bool is_whole_function(std::string_view name) { return entry_of(name) != nullptr; }

std::unique_ptr<Kernel> make_whole_number_kernel(std::string_view where, std::string_view name,
                                                 const ElementwiseOperand& a, const ElementwiseOperand& b,
                                                 int64_t grain) {
  constexpr float kExact = 16777216;  // beyond it floats leave whole numbers out
  for (const ElementwiseOperand* operand : {&a, &b}) {
    require(operand->is_constant() || is_whole(operand->type.dtype), where,
            "tensors must be of int32 or bool: cast them. Got ", operand->type.dtype, ".");
    for (const float number : operand->constant)
      require(number == std::floor(number) && std::fabs(number) <= kExact, where,
              "a constant must be a whole number of at most ", kExact, ". Got ", number, ".");
  }
  return std::make_unique<WholeNumberKernel>(where, *entry_of(name), std::array<ElementwiseOperand, 2>{a, b}, grain);
}

std::unique_ptr<Kernel> make_whole_reduction_kernel(std::string_view name, const TensorType& type, int first, int last,
                                                    int64_t grain) {
  require(is_whole(type.dtype), name, "the tensor must be of int32 or bool: cast it. Got ", type.dtype, ".");
  const bool adds = name == "sum", multiplies = name == "prod", largest = name == "max";
  require(adds || multiplies || largest || name == "min", name, "the reduction must be sum, prod, max or min. Got \"",
          name, "\".");
  const Entry& entry = *entry_of(adds ? "add" : multiplies ? "multiply" : largest ? "maximum" : "minimum");
  const int64_t start = adds ? 0 : multiplies ? 1 : largest ? INT32_MIN : INT32_MAX;
  return std::make_unique<WholeReductionKernel>(entry, start, type, first, last, grain);
}

}  // namespace batchwise
