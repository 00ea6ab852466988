// Masking: the mask is kept for the backward pass, a byte for each step.
#include "kernels/masking.h"

#include <algorithm>
#include <cstring>

namespace batchwise {
namespace {

class MaskingKernel final : public Kernel {
 public:
  MaskingKernel(float value, const TensorType& type, int64_t grain)
      : value_(value), type_(type), features_(type.shape.back()) {
    rows_ = features_ ? grain * type.shape.count() / features_ : 0;
    mask_.dtype = DType::Bool;
    mask_.shape = Shape(std::span<const int64_t>(type.shape.begin(), type.shape.end() - 1));
  }
  std::string_view kind() const override { return "masking"; }
  std::vector<TensorType> outputs() const override { return {type_, mask_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false}; }
  KernelMemory memory() const override { return {.saved = rows_}; }
  KernelCost cost() const override { return {.bytes = 8 * static_cast<double>(rows_ * features_)}; }
  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    auto* counts = static_cast<uint8_t*>(call.outputs[1]);
    for (int64_t row = 0; row < rows_; ++row)
      counts[row] = std::any_of(x + row * features_, x + (row + 1) * features_, [&](float v) { return v != value_; });
    select(counts, x, static_cast<float*>(call.outputs[0]));
    if (call.saved) std::memcpy(call.saved, counts, static_cast<size_t>(rows_));
  }
  void backward(const BackwardCall& call) const override {
    if (call.input_gradients[0])
      select(static_cast<const uint8_t*>(call.saved), static_cast<const float*>(call.output_gradients[0]),
             static_cast<float*>(call.input_gradients[0]));
  }

 private:
  void select(const uint8_t* counts, const float* from, float* to) const {
    for (int64_t row = 0; row < rows_; ++row, from += features_, to += features_)
      if (counts[row]) std::copy_n(from, features_, to);
      else std::fill_n(to, features_, 0.0f);
  }
  float value_;
  TensorType type_, mask_;
  int64_t features_, rows_;
};

}  // namespace

std::unique_ptr<Kernel> make_masking_kernel(float value, const TensorType& type, int64_t grain) {
  return std::make_unique<MaskingKernel>(value, type, grain);
}

}  // namespace batchwise
