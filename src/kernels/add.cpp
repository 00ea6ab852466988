// The sum of several tensors: one run where shapes agree, element by element where dimensions are repeated.
#include "kernels/add.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>

#include "kernels/activation.h"
#include "kernels/element_share.h"
#include "kernels/simd/sums.h"

namespace batchwise {
namespace {

constexpr int64_t kTile = 4096;  // floats that stay in the nearest cache from one function to the next

class AddKernel final : public Kernel {
 public:
  // function: of the sum, with f(0) = 0 and a gradient from f(x); null: none.
  AddKernel(const TensorType& type, size_t inputs, int64_t grain, std::optional<ActivationFunction> function)
      : type_(type), inputs_(inputs), grain_(grain), count_(grain * type.stored_count()), function_(function) {
    if (function_) kind_ += std::string(", ") + function_->entry->name;
  }
  std::string_view kind() const override { return kind_; }
  std::unique_ptr<Kernel> joined(const Kernel& next) const override {
    const auto function = function_ ? std::nullopt : function_of_output(next);
    return function ? std::make_unique<AddKernel>(type_, inputs_, grain_, function) : nullptr;
  }
  std::vector<TensorType> outputs() const override { return {type_}; }
  bool shares() const override { return true; }
  KernelNeeds needs() const override {
    return {.backward_inputs = false, .backward_outputs = function_.has_value(), .in_place = true};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(count_) * static_cast<double>(inputs_);
    return {.flops = count, .bytes = 8 * count};
  }
  void forward(const ForwardCall& call) const override {
    const ElementShare mine(count_, call.share);
    tiles(mine.first, mine.count, [&](int64_t at, int64_t count) {
      const auto input = [&](size_t i) { return static_cast<const float*>(call.inputs[i]) + at; };
      float* y = static_cast<float*>(call.outputs[0]) + at;
      add_elements(input(0), input(1), y, count);
      for (size_t i = 2; i < inputs_; ++i) add_elements(y, input(i), y, count);
      if (function_) function_->entry->forward(function_->parameters, y, y, count);
    });
  }
  void backward(const BackwardCall& call) const override {
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    tiles(0, count_, [&](int64_t at, int64_t count) {
      const float* gradient = function_ ? nullptr : dy + at;  // of the sum
      for (void* to : call.input_gradients) {
        if (!to) continue;
        float* dx = static_cast<float*>(to) + at;
        if (!gradient) {  // the first of them: the only one that may be the memory of dy
          const float* y = static_cast<const float*>(call.outputs[0]) + at;
          function_->entry->backward(function_->parameters, dy + at, y, dx, count);
          gradient = dx;
        } else if (dx != gradient) {
          std::memcpy(dx, gradient, static_cast<size_t>(count) * sizeof(float));
        }
      }
    });
  }

 private:
  template <class Body>
  static void tiles(int64_t first, int64_t count, Body body) {
    for (int64_t at = 0; at < count; at += kTile) body(first + at, std::min(kTile, count - at));
  }

  TensorType type_;
  size_t inputs_;
  int64_t grain_, count_;
  std::optional<ActivationFunction> function_;
  std::string kind_ = "add";
};

class BroadcastAddKernel final : public Kernel {
 public:
  BroadcastAddKernel(const std::vector<TensorType>& types, const Shape& shape, int64_t grain)
      : type_{shape}, grain_(grain) {
    for (const TensorType& type : types) {
      Strides strides{};
      int64_t step = 1;
      for (int axis = shape.rank() - 1; axis >= 0; --axis) {
        strides[axis] = type.shape[axis] == 1 ? 0 : step;
        step *= type.shape[axis];
      }
      strides_.push_back(strides);
      counts_.push_back(type.shape.count());
    }
  }
  std::string_view kind() const override { return "add"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.stored_count()) * static_cast<double>(counts_.size());
    return {.flops = count, .bytes = 8 * count};
  }
  void forward(const ForwardCall& call) const override {
    float* y = static_cast<float*>(call.outputs[0]);
    const int64_t count = type_.stored_count();
    std::fill_n(y, grain_ * count, 0.0f);
    for (size_t i = 0; i < counts_.size(); ++i)
      for (int64_t row = 0; row < grain_; ++row) {
        const float* x = static_cast<const float*>(call.inputs[i]) + row * counts_[i];
        visit(strides_[i], [&](int64_t to, int64_t from) { y[row * count + to] += x[from]; });
      }
  }
  void backward(const BackwardCall& call) const override {
    const int64_t count = type_.stored_count();
    for (size_t i = 0; i < counts_.size(); ++i) {
      if (!call.input_gradients[i]) continue;
      std::fill_n(static_cast<float*>(call.input_gradients[i]), grain_ * counts_[i], 0.0f);
      for (int64_t row = 0; row < grain_; ++row) {
        const float* dy = static_cast<const float*>(call.output_gradients[0]) + row * count;
        float* dx = static_cast<float*>(call.input_gradients[i]) + row * counts_[i];
        visit(strides_[i], [&](int64_t from, int64_t to) { dx[to] += dy[from]; });
      }
    }
  }

 private:
  using Strides = std::array<int64_t, Shape::kMaxRank>;

  // body(element of the sum, element of the input) for one sample.
  template <class Body>
  void visit(const Strides& strides, Body body) const {
    Strides at{};
    const int rank = type_.shape.rank();
    const int64_t count = type_.stored_count();
    int64_t from = 0;
    for (int64_t to = 0; to < count; ++to) {
      body(to, from);
      for (int axis = rank - 1; axis >= 0; --axis) {
        from += strides[axis];
        if (++at[axis] < type_.shape[axis]) break;
        from -= at[axis] * strides[axis];
        at[axis] = 0;
      }
    }
  }

  TensorType type_;
  int64_t grain_;
  std::vector<Strides> strides_;
  std::vector<int64_t> counts_;
};

}  // namespace

std::unique_ptr<Kernel> make_add_kernel(const std::vector<TensorType>& types, const Shape& shape, int64_t grain) {
  if (std::all_of(types.begin(), types.end(), [&](const TensorType& type) { return type == types[0]; }))
    return std::make_unique<AddKernel>(types[0], types.size(), grain, std::nullopt);
  return std::make_unique<BroadcastAddKernel>(types, shape, grain);
}

}  // namespace batchwise
