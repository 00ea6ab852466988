// A leaky ReLU whose slopes below zero are weights.
#include "kernels/prelu.h"

#include <algorithm>

namespace batchwise {
namespace {

class PReluKernel final : public Kernel {
 public:
  PReluKernel(const TensorType& type, const Shape& alpha, int64_t grain)
      : type_(type), slopes_(alpha.count()), grain_(grain) {
    run_ = type.shape.back();
    own_ = alpha.back() == run_;
    const int64_t runs = type.shape.count() / std::max<int64_t>(1, run_);
    for (int64_t r = 0; r < runs; ++r) {
      int64_t rest = r, first = 0, stride = own_ ? run_ : 1;
      for (int axis = type.shape.rank() - 2; axis >= 0; --axis) {
        if (alpha[axis] > 1) first += rest % type.shape[axis] * stride;
        rest /= type.shape[axis];
        stride *= alpha[axis];
      }
      firsts_.push_back(first);
    }
  }
  std::string_view kind() const override { return "prelu"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.shape.count());
    return {.flops = 2 * count, .bytes = 8 * count};
  }

  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    each_run(grain_, [&](int64_t at, int64_t first) {
      const float* alpha = call.weights[0] + first;
      for (int64_t i = 0; i < run_; ++i) {
        const float slope = alpha[own_ ? i : 0], v = x[at + i];
        y[at + i] = v < 0 ? slope * v : v;
      }
    });
  }

  void backward(const BackwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float* dx = static_cast<float*>(call.input_gradients[0]);
    float* dalpha = call.weight_gradients[0];
    if (dalpha) std::fill_n(dalpha, slopes_, 0.0f);
    each_run(call.rows, [&](int64_t at, int64_t first) {
      for (int64_t i = 0; i < run_; ++i) {
        const int64_t slope = first + (own_ ? i : 0);
        if (dalpha && x[at + i] < 0) dalpha[slope] += dy[at + i] * x[at + i];
        // At 0 as Keras's two ReLUs have it: both slopes are 0 there.
        if (dx) dx[at + i] = x[at + i] > 0 ? dy[at + i] : x[at + i] < 0 ? dy[at + i] * call.weights[0][slope] : 0.0f;
      }
    });
    if (dx) std::fill_n(dx + call.rows * type_.shape.count(), (grain_ - call.rows) * type_.shape.count(), 0.0f);
  }

 private:
  template <class Body>
  void each_run(int64_t samples, const Body& body) const {
    int64_t at = 0;
    for (int64_t n = 0; n < samples; ++n)
      for (const int64_t first : firsts_) {
        body(at, first);
        at += run_;
      }
  }

  TensorType type_;
  int64_t slopes_, grain_;
  int64_t run_ = 1;              // elements of the last axis
  bool own_ = true;              // slopes differ along it
  std::vector<int64_t> firsts_;  // per run of a sample: its first slope
};

}  // namespace

std::unique_ptr<Kernel> make_prelu_kernel(const TensorType& type, const Shape& alpha, int64_t grain) {
  return std::make_unique<PReluKernel>(type, alpha, grain);
}

}  // namespace batchwise
