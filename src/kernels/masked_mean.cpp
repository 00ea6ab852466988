// The mean of the steps that a mask lets count.
#include "kernels/masked_mean.h"

#include <algorithm>
#include <numeric>

namespace batchwise {
namespace {

class MaskedMeanKernel final : public Kernel {
 public:
  MaskedMeanKernel(const Shape& input, const Shape& output, int64_t grain)
      : output_(output), grain_(grain), steps_(input[0]), channels_(input[1]) {}
  std::string_view kind() const override { return "masked_mean"; }
  std::vector<TensorType> outputs() const override { return {{output_, DType::Float32, 0}}; }
  KernelCost cost() const override {
    const double count = static_cast<double>(grain_ * steps_ * channels_);
    return {.flops = count, .bytes = 4 * count};
  }

  void forward(const ForwardCall& call) const override {
    const float* x = static_cast<const float*>(call.inputs[0]);
    const uint8_t* mask = static_cast<const uint8_t*>(call.inputs[1]);
    float* y = static_cast<float*>(call.outputs[0]);
    for (int64_t row = 0; row < grain_; ++row, mask += steps_, y += channels_) {
      std::fill_n(y, channels_, 0.0f);
      for (int64_t t = 0; t < steps_; ++t, x += channels_)
        if (mask[t])
          for (int64_t c = 0; c < channels_; ++c) y[c] += x[c];
      for (int64_t c = 0; c < channels_; ++c) y[c] /= counted(mask);
    }
  }

  void backward(const BackwardCall& call) const override {
    float* dx = static_cast<float*>(call.input_gradients[0]);
    if (!dx) return;
    const uint8_t* mask = static_cast<const uint8_t*>(call.inputs[1]);
    const float* dy = static_cast<const float*>(call.output_gradients[0]);
    for (int64_t row = 0; row < call.rows; ++row, mask += steps_, dy += channels_)
      for (int64_t t = 0; t < steps_; ++t, dx += channels_)
        for (int64_t c = 0; c < channels_; ++c) dx[c] = mask[t] ? dy[c] / counted(mask) : 0.0f;
    std::fill_n(dx, (grain_ - call.rows) * steps_ * channels_, 0.0f);
  }

 private:
  float counted(const uint8_t* mask) const {
    return static_cast<float>(std::count_if(mask, mask + steps_, [](uint8_t m) { return m != 0; }));
  }

  Shape output_;
  int64_t grain_, steps_, channels_;
};

}  // namespace

std::unique_ptr<Kernel> make_masked_mean_kernel(const Shape& input, const Shape& output, int64_t grain) {
  return std::make_unique<MaskedMeanKernel>(input, output, grain);
}

}  // namespace batchwise
