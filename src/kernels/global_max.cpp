// The largest value of each channel.
#include "kernels/global_max.h"

#include <algorithm>
#include <cmath>

namespace batchwise {
namespace {

class GlobalMaxKernel final : public Kernel {
 public:
  GlobalMaxKernel(const Shape& input, const Shape& output, int64_t grain)
      : to_{output}, grain_(grain), positions_(input.count() / input.back()), channels_(input.back()) {}
  std::string_view kind() const override { return "global_max"; }
  std::vector<TensorType> outputs() const override { return {to_}; }
  KernelMemory memory() const override { return {.backward_scratch = channels_ * static_cast<int64_t>(sizeof(float))}; }
  KernelNeeds needs() const override { return {.backward_inputs = true, .backward_outputs = true}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * positions_ * channels_);
    return {.flops = count, .bytes = 4 * count};
  }
  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    float* y = static_cast<float*>(call.outputs[0]);
    for (int64_t row = 0; row < grain_; ++row, y += channels_) {
      std::copy_n(x, channels_, y);
      for (int64_t p = 0; p < positions_; ++p, x += channels_)
        for (int64_t c = 0; c < channels_; ++c)
          if (x[c] > y[c] || std::isnan(x[c])) y[c] = x[c];
    }
  }
  void backward(const BackwardCall& call) const override {
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    const float* x = static_cast<const float*>(call.inputs[0]);
    const float* y = static_cast<const float*>(call.outputs[0]);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    float* ties = static_cast<float*>(call.scratch);
    for (int64_t row = 0; row < grain_;
         ++row, y += channels_, dy += channels_, x += positions_ * channels_, dx += positions_ * channels_) {
      std::fill_n(ties, channels_, 0.0f);
      for (int64_t p = 0; p < positions_; ++p)
        for (int64_t c = 0; c < channels_; ++c) ties[c] += x[p * channels_ + c] == y[c] ? 1.0f : 0.0f;
      for (int64_t p = 0; p < positions_; ++p)
        for (int64_t c = 0; c < channels_; ++c)
          dx[p * channels_ + c] = x[p * channels_ + c] == y[c] ? dy[c] / ties[c] : 0.0f;
    }
  }

 private:
  TensorType to_;
  int64_t grain_, positions_, channels_;
};

}  // namespace

std::unique_ptr<Kernel> make_global_max_kernel(const Shape& input, const Shape& output, int64_t grain) {
  return std::make_unique<GlobalMaxKernel>(input, output, grain);
}

}  // namespace batchwise
