// Running products: the gradient of an element is the sum over all products that hold it, of the others in them.
#include "kernels/running_product.h"

#include <algorithm>

namespace batchwise {
namespace {

class RunningProductKernel final : public Kernel {
 public:
  RunningProductKernel(const TensorType& type, int axis, int64_t grain)
      : type_(type), grain_(grain), steps_(type.shape[axis]) {
    for (int a = 0; a < axis; ++a) outer_ *= type.shape[a];
    for (int a = axis + 1; a < type.shape.rank(); ++a) inner_ *= type.shape[a];
  }
  std::string_view kind() const override { return "running_product"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelCost cost() const override {
    const double elements = static_cast<double>(grain_ * type_.shape.count());
    return {.flops = elements, .bytes = 8 * elements};
  }
  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    for (int64_t o = 0; o < grain_ * outer_; ++o, x += steps_ * inner_, y += steps_ * inner_) {
      std::copy_n(x, inner_, y);
      for (int64_t i = inner_; i < steps_ * inner_; ++i) y[i] = y[i - inner_] * x[i];
    }
  }
  // Without a division: zeros are exact.
  void backward(const BackwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    const auto* dy = static_cast<const float*>(call.output_gradients[0]);
    auto* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    const int64_t block = steps_ * inner_, valid = call.rows * outer_;
    for (int64_t o = 0; o < valid; ++o, x += block, dy += block, dx += block)
      for (int64_t i = 0; i < inner_; ++i) {
        float before = 1;
        for (int64_t k = 0; k < steps_; before *= x[k++ * inner_ + i]) {
          float product = before, sum = 0;
          for (int64_t j = k; j < steps_; ++j) {
            if (j > k) product *= x[j * inner_ + i];
            sum += dy[j * inner_ + i] * product;
          }
          dx[k * inner_ + i] = sum;
        }
      }
    std::fill_n(dx, (grain_ * outer_ - valid) * block, 0.0f);
  }

 private:
  TensorType type_;
  int64_t grain_, outer_ = 1, steps_, inner_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_running_product_kernel(const TensorType& type, int axis, int64_t grain) {
  return std::make_unique<RunningProductKernel>(type, axis, grain);
}

}  // namespace batchwise
