// Sparsemax as Keras computes it: rows are sorted, forward and again backward.
#include "kernels/sparsemax.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace batchwise {
namespace {

class SparsemaxKernel final : public Kernel {
 public:
  SparsemaxKernel(const TensorType& type, int64_t grain, int first, int last) : type_(type), outer_(grain) {
    for (int axis = 0; axis < type.shape.rank(); ++axis)
      (axis < first ? outer_ : axis <= last ? length_ : inner_) *= type.shape[axis];
  }
  std::string_view kind() const override { return "sparsemax"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelMemory memory() const override {
    const int64_t order = length_ * static_cast<int64_t>(sizeof(int64_t));
    return {.forward_scratch = order, .backward_scratch = order};
  }
  KernelCost cost() const override {
    const double count = static_cast<double>(outer_ * length_ * inner_);
    return {.flops = 40 * count, .bytes = 8 * count};
  }

  void forward(const ForwardCall& call) const override {
    for (int64_t row = 0; row < outer_ * inner_; ++row) {
      const float* x = static_cast<const float*>(call.inputs[0]) + start(row);
      float* y = static_cast<float*>(call.outputs[0]) + start(row);
      const float tau = threshold(x, static_cast<int64_t*>(call.scratch)).tau;
      for (int64_t i = 0; i < length_; ++i) y[i * inner_] = std::max(x[i * inner_] - tau, 0.0f);
    }
  }

  // The r-th largest is in all running sums from its own on: tau grows with it by (k - r + 1) / k.
  void backward(const BackwardCall& call) const override {
    if (!call.input_gradients[0]) return;
    int64_t* order = static_cast<int64_t*>(call.scratch);
    for (int64_t row = 0; row < outer_ * inner_; ++row) {
      const float* x = static_cast<const float*>(call.inputs[0]) + start(row);
      const float* dy = static_cast<const float*>(call.output_gradients[0]) + start(row);
      float* dx = static_cast<float*>(call.input_gradients[0]) + start(row);
      const Threshold found = threshold(x, order);
      double all = 0;
      for (int64_t i = 0; i < length_; ++i) {
        const bool above = x[i * inner_] >= found.tau;
        dx[i * inner_] = above ? dy[i * inner_] : 0.0f;
        all += dx[i * inner_];
      }
      const double k = static_cast<double>(found.support);
      for (int64_t r = 0; r < found.support; ++r)
        dx[order[r] * inner_] -= static_cast<float>(all * (k - static_cast<double>(r)) / k);
    }
  }

 private:
  struct Threshold {
    float tau = 0;
    int64_t support = 0;
  };

  int64_t start(int64_t row) const { return row / inner_ * length_ * inner_ + row % inner_; }

  // `order`: the places of the elements, the largest first, of equal ones the first.
  Threshold threshold(const float* x, int64_t* order) const {
    for (int64_t i = 0; i < length_; ++i)
      if (std::isnan(x[i * inner_])) return {x[i * inner_], 0};
    std::iota(order, order + length_, int64_t{0});
    std::sort(order, order + length_, [&](int64_t a, int64_t b) {
      const float left = x[a * inner_], right = x[b * inner_];
      return left != right ? left > right : a < b;
    });
    Threshold found;
    double running = 0, sums = 0;
    for (int64_t r = 0; r < length_; ++r) {
      const double value = x[order[r] * inner_];
      running += value;
      if (value * static_cast<double>(r + 1) <= running - 1) break;
      sums += running;
      found.support = r + 1;
    }
    found.tau = static_cast<float>((sums - 1) / static_cast<double>(found.support));
    return found;
  }

  TensorType type_;
  int64_t outer_, length_ = 1, inner_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> make_sparsemax_kernel(const TensorType& type, int64_t grain, int first, int last) {
  return std::make_unique<SparsemaxKernel>(type, grain, first, last);
}

}  // namespace batchwise
