// Softmax and its like as kernels: rows that do not lie contiguously are gathered first.
#include "kernels/row_activation.h"

#include "kernels/simd/activation_table.h"
#include "kernels/simd/row_functions.h"
#include "kernels/sparsemax.h"

namespace batchwise {
namespace {

class RowActivationKernel final : public Kernel {
 public:
  RowActivationKernel(const RowFunction& function, const TensorType& type, int64_t grain, int first, int last)
      : function_(function), type_(type), outer_(grain) {
    for (int axis = 0; axis < type.shape.rank(); ++axis)
      (axis < first ? outer_ : axis <= last ? length_ : inner_) *= type.shape[axis];
  }
  std::string_view kind() const override { return function_.name; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override {
    const int64_t row = length_ * static_cast<int64_t>(sizeof(float));
    return {.forward_scratch = 2 * row, .backward_scratch = inner_ > 1 ? 2 * row : 0};
  }
  KernelNeeds needs() const override { return {.backward_inputs = false, .backward_outputs = true, .in_place = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(outer_ * length_ * inner_);
    return {.flops = 20 * count, .bytes = 8 * count};
  }

  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    float* work = static_cast<float*>(call.scratch);
    float* row = work + length_;
    for (int64_t o = 0; o < outer_; ++o)
      for (int64_t i = 0; i < inner_; ++i) {
        const int64_t start = o * length_ * inner_ + i;
        if (inner_ == 1) {
          function_.forward(x + start, y + start, work, length_);
          continue;
        }
        for (int64_t k = 0; k < length_; ++k) row[k] = x[start + k * inner_];
        function_.forward(row, row, work, length_);
        for (int64_t k = 0; k < length_; ++k) y[start + k * inner_] = row[k];
      }
  }

  void backward(const BackwardCall& call) const override {
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    const float* y = static_cast<const float*>(call.outputs[0]);
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    float* gradient = static_cast<float*>(call.scratch);
    float* row = gradient + length_;
    for (int64_t o = 0; o < outer_; ++o)
      for (int64_t i = 0; i < inner_; ++i) {
        const int64_t start = o * length_ * inner_ + i;
        if (inner_ == 1) {
          function_.backward(dy + start, y + start, dx + start, length_);
          continue;
        }
        for (int64_t k = 0; k < length_; ++k) {
          gradient[k] = dy[start + k * inner_];
          row[k] = y[start + k * inner_];
        }
        function_.backward(gradient, row, gradient, length_);
        for (int64_t k = 0; k < length_; ++k) dx[start + k * inner_] = gradient[k];
      }
  }

 private:
  const RowFunction& function_;
  TensorType type_;
  int64_t outer_, length_ = 1, inner_ = 1;
};

class GluKernel final : public Kernel {
 public:
  GluKernel(const TensorType& type, int64_t grain) : type_(type), rows_(grain), half_(type.shape.back() / 2) {
    type_.shape[-1] = half_;
    for (int axis = 0; axis + 1 < type.shape.rank(); ++axis) rows_ *= type.shape[axis];
  }
  std::string_view kind() const override { return "glu"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override {
    const int64_t row = half_ * static_cast<int64_t>(sizeof(float));
    return {.forward_scratch = row, .backward_scratch = row};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(rows_ * half_);
    return {.flops = 20 * count, .bytes = 12 * count};
  }

  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    float* gate = static_cast<float*>(call.scratch);
    for (int64_t r = 0; r < rows_; ++r, x += 2 * half_, y += half_) {
      sigmoid_.forward({}, x + half_, gate, half_);
      for (int64_t i = 0; i < half_; ++i) y[i] = x[i] * gate[i];
    }
  }

  void backward(const BackwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float* dx = static_cast<float*>(call.input_gradients[0]);
    float* gate = static_cast<float*>(call.scratch);
    if (!dx) return;
    for (int64_t r = 0; r < rows_; ++r, x += 2 * half_, dx += 2 * half_, dy += half_) {
      sigmoid_.forward({}, x + half_, gate, half_);
      for (int64_t i = 0; i < half_; ++i) {
        dx[i] = dy[i] * gate[i];
        dx[half_ + i] = dy[i] * x[i] * gate[i] * (1 - gate[i]);
      }
    }
  }

 private:
  const ActivationEntry& sigmoid_ = *find_activation_entry("sigmoid");
  TensorType type_;
  int64_t rows_, half_;
};

}  // namespace

bool is_row_activation(std::string_view name) { return name == "sparsemax" || find_row_function(name) != nullptr; }

std::unique_ptr<Kernel> make_row_activation_kernel(std::string_view name, const TensorType& type, int64_t grain,
                                                   int first, int last) {
  if (name == "sparsemax") return make_sparsemax_kernel(type, grain, first, last);
  return std::make_unique<RowActivationKernel>(*find_row_function(name), type, grain, first, last);
}

std::unique_ptr<Kernel> make_glu_kernel(const TensorType& type, int64_t grain) {
  return std::make_unique<GluKernel>(type, grain);
}

}  // namespace batchwise
