// Running sums: forward from the first element on, the gradient from the last one back.
#include "kernels/running_sum.h"

#include <algorithm>

namespace batchwise {
namespace {

class RunningSumKernel final : public Kernel {
 public:
  RunningSumKernel(const TensorType& type, int axis, int64_t grain)
      : type_(type), outer_(grain), steps_(type.shape[axis]) {
    for (int a = 0; a < axis; ++a) outer_ *= type.shape[a];
    for (int a = axis + 1; a < type.shape.rank(); ++a) inner_ *= type.shape[a];
  }
  std::string_view kind() const override { return "running_sum"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.backward_inputs = false, .in_place = true}; }
  KernelCost cost() const override {
    const double elements = static_cast<double>(outer_ * steps_ * inner_);
    return {.flops = elements, .bytes = 8 * elements};
  }
  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    for (int64_t o = 0; o < outer_; ++o, x += steps_ * inner_, y += steps_ * inner_) {
      std::copy_n(x, inner_, y);
      for (int64_t i = inner_; i < steps_ * inner_; ++i) y[i] = y[i - inner_] + x[i];
    }
  }
  void backward(const BackwardCall& call) const override {
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    for (int64_t o = 0; o < outer_; ++o, dx += steps_ * inner_, dy += steps_ * inner_) {
      const int64_t last = (steps_ - 1) * inner_;
      std::copy_n(dy + last, inner_, dx + last);
      for (int64_t i = last - 1; i >= 0; --i) dx[i] = dx[i + inner_] + dy[i];
    }
  }

 private:
  TensorType type_;
  int64_t outer_, steps_, inner_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_running_sum_kernel(const TensorType& type, int axis, int64_t grain) {
  return std::make_unique<RunningSumKernel>(type, axis, grain);
}

}  // namespace batchwise
