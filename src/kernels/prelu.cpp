// x where positive, else a learned slope times x.
#include "kernels/prelu.h"

#include <algorithm>

#include "kernels/repeated_runs.h"

namespace batchwise {
namespace {

class PReLUKernel final : public Kernel {
 public:
  PReLUKernel(const TensorType& type, const Shape& slopes, int64_t grain)
      : type_(type), slopes_(slopes.count()), runs_({type.shape, slopes}, {false, true}, type.shape), grain_(grain) {}
  std::string_view kind() const override { return "prelu"; }
  std::vector<TensorType> outputs() const override { return {type_}; }
  KernelNeeds needs() const override { return {.in_place = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * type_.shape.count());
    return {.flops = 2 * count, .bytes = 12 * count};
  }
  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    runs_.visit(grain_, [&](int64_t to, const auto& at, int64_t count) {
      const float* slope = call.weights[0] + at[1];
      const int64_t step = runs_.step(1);
      for (int64_t i = 0; i < count; ++i) {
        const float v = x[to + i];
        y[to + i] = v < 0 ? slope[i * step] * v : v;
      }
    });
  }
  void backward(const BackwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float* dx = static_cast<float*>(call.input_gradients[0]);
    float* slope_gradient = call.weight_gradients[0];
    if (slope_gradient) std::fill_n(slope_gradient, slopes_, 0.0f);
    runs_.visit(call.rows, [&](int64_t to, const auto& at, int64_t count) {
      const float* slope = call.weights[0] + at[1];
      const int64_t step = runs_.step(1);
      if (slope_gradient)
        for (int64_t i = 0; i < count; ++i) slope_gradient[at[1] + i * step] += dy[to + i] * std::min(x[to + i], 0.0f);
      if (dx)
        for (int64_t i = 0; i < count; ++i)
          dx[to + i] = x[to + i] > 0 ? dy[to + i] : x[to + i] < 0 ? dy[to + i] * slope[i * step] : 0;
    });
    const int64_t valid = call.rows * type_.shape.count();
    if (dx) std::fill_n(dx + valid, grain_ * type_.shape.count() - valid, 0.0f);
  }

 private:
  TensorType type_;
  int64_t slopes_;
  RepeatedRuns<2> runs_;
  int64_t grain_;
};

}  // namespace

std::unique_ptr<Kernel> make_prelu_kernel(const TensorType& type, const Shape& slopes, int64_t grain) {
  return std::make_unique<PReLUKernel>(type, slopes, grain);
}

}  // namespace batchwise
