// A function of two tensors, run by run; gradients of what was repeated are sums.
#include "kernels/binary.h"

#include <algorithm>
#include <array>
#include <optional>

#include <batchwise/error.h>

#include "kernels/repeated_runs.h"
#include "kernels/simd/binary_table.h"
#include "kernels/simd/sums.h"
#include "kernels/special_functions.h"

namespace batchwise {
namespace {

constexpr int64_t kPart = 512;  // of a run whose gradient is summed

// The dimensions as they lie in memory.
Shape stored_shape(const TensorType& type) {
  if (type.channel_block == 0) return type.shape;
  const Shape& shape = type.shape;
  const int64_t block = type.channel_block;
  return {(shape.back() + block - 1) / block, shape[0], shape[1], block};
}

class BinaryKernel final : public Kernel {
 public:
  BinaryKernel(const BinaryEntry& function, std::array<ElementwiseOperand, 2> operands, int64_t grain)
      : function_(function), operands_(std::move(operands)), grain_(grain) {
    const TensorType &a = operands_[0].type, &b = operands_[1].type;
    type_ = {
        repeated_shape(function.name, a.shape, b.shape), DType::Float32,
        std::max(operands_[0].is_constant() ? 0 : a.channel_block, operands_[1].is_constant() ? 0 : b.channel_block)};
    const std::array<Shape, 2> shapes{stored_shape(a), stored_shape(b)};
    const Shape whole = stored_shape(type_);
    runs_.emplace(shapes, std::array<bool, 2>{operands_[0].is_constant(), operands_[1].is_constant()}, whole);
    for (size_t k = 0; k < 2; ++k) counts_[k] = shapes[k].count();
  }

  std::string_view kind() const override { return function_.name; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override {
    const bool whole = !operands_[0].is_constant() && counts_[0] == type_.stored_count();
    return {.backward_inputs = !function_.linear, .in_place = whole};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count());
    return {.flops = count, .bytes = 12 * count};
  }

  void forward(const ForwardCall& call) const override {
    const Sources from = sources(call.inputs);
    float* y = static_cast<float*>(call.outputs[0]);
    runs_->visit(grain_, [&](int64_t to, const Runs::Places& at, int64_t count) {
      function_.forward({from[0] + at[0], runs_->step(0)}, {from[1] + at[1], runs_->step(1)}, y + to, count);
    });
  }

  void backward(const BackwardCall& call) const override {
    for (size_t k = 2; k-- > 0;) {  // the first last: its gradient may lie where the output's does
      if (operands_[k].is_constant()) continue;
      float* dx = static_cast<float*>(call.input_gradients[k == 1 && !operands_[0].is_constant() ? 1 : 0]);
      if (dx) gradient(call, k, dx);
    }
  }

 private:
  using Sources = std::array<const float*, 2>;
  using Runs = RepeatedRuns<2>;

  Sources sources(std::span<const void* const> inputs) const {
    Sources from{};
    size_t tensor = 0;
    for (size_t k = 0; k < 2; ++k) {
      if (operands_[k].is_constant()) from[k] = operands_[k].constant.data();
      else if (const size_t at = tensor++; !inputs.empty()) from[k] = static_cast<const float*>(inputs[at]);
    }
    return from;
  }

  void gradient(const BackwardCall& call, size_t k, float* dx) const {
    const Sources from = sources(function_.linear ? std::span<const void* const>() : call.inputs);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    const auto along = k == 0 ? function_.backward_a : function_.backward_b;
    const bool whole = counts_[k] == type_.stored_count();
    const int64_t valid = call.rows * counts_[k];
    if (!whole) std::fill_n(dx, grain_ * counts_[k], 0.0f);
    else std::fill_n(dx + valid, grain_ * counts_[k] - valid, 0.0f);
    runs_->visit(call.rows, [&](int64_t to, const Runs::Places& at, int64_t count) {
      const BinaryOperand left{from[0] ? from[0] + at[0] : nullptr, runs_->step(0)},
          right{from[1] ? from[1] + at[1] : nullptr, runs_->step(1)};
      float* target = dx + at[k];
      if (whole) return along(dy + to, left, right, target, count);
      float part[kPart];
      for (int64_t i = 0; i < count; i += kPart) {
        const int64_t n = std::min(kPart, count - i);
        along(dy + to + i, part_of(left, i), part_of(right, i), part, n);
        if (runs_->step(k) == 0) *target += sum_elements(part, n);
        else add_elements(target + i, part, target + i, n);
      }
    });
  }
  static BinaryOperand part_of(const BinaryOperand& operand, int64_t i) {
    return operand.values ? operand.from(i) : operand;
  }

  const BinaryEntry& function_;
  std::array<ElementwiseOperand, 2> operands_;
  int64_t grain_;
  TensorType type_;
  std::optional<Runs> runs_;
  std::array<int64_t, 2> counts_{};  // elements of one sample
};

}  // namespace

Shape repeated_shape(std::string_view where, const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<int64_t> dims;
  for (int axis = 0; axis < rank; ++axis) {
    const int at_a = axis - rank + a.rank(), at_b = axis - rank + b.rank();
    const int64_t da = at_a < 0 ? 1 : a[at_a], db = at_b < 0 ? 1 : b[at_b];
    require(da == db || da == 1 || db == 1, where,
            "shapes must be the same, or 1 where a dimension is to be repeated. Got ", a, " and ", b, ".");
    dims.push_back(da == 1 ? db : da);
  }
  return Shape(dims);
}

bool keeps_padding(std::string_view name) {
  const BinaryEntry* entry = find_binary_entry(name);
  return entry && entry->zero_at_zero;
}

std::unique_ptr<Kernel> make_binary_kernel(std::string_view name, const ElementwiseOperand& a,
                                           const ElementwiseOperand& b, int64_t grain) {
  const BinaryEntry* entry = find_binary_entry(name);
  if (!entry) entry = find_special_binary_entry(name);
  require(entry != nullptr, name, "the function must be one of two numbers that batchwise knows. Got \"", name, "\".");
  for (const ElementwiseOperand* operand : {&a, &b})
    require(operand->type.dtype == DType::Float32, name, "tensors must be of dtype float32: cast them. Got ",
            operand->type.dtype, ".");
  return std::make_unique<BinaryKernel>(*entry, std::array<ElementwiseOperand, 2>{a, b}, grain);
}

}  // namespace batchwise
