// The depthwise convolution kernel: image after image, channels repeated first where each has several outputs.
#include "kernels/depthwise.h"

#include <algorithm>

#include "kernels/depthwise_passes.h"
#include "kernels/product/columns.h"

namespace batchwise {
namespace {

class DepthwiseKernel final : public Kernel {
 public:
  explicit DepthwiseKernel(const DepthwiseKernelOptions& options)
      : options_(options),
        filters_(options.channels * options.multiplier),
        inputs_(options.window.inputs() * options.channels),
        outputs_(options.window.outputs() * filters_) {}

  std::string_view kind() const override { return "depthwise_conv"; }
  std::vector<TensorType> outputs() const override {
    return {{options_.window.output_shape(filters_), DType::Float32, 0}};
  }
  KernelMemory memory() const override {
    return {.forward_scratch = repeated_bytes(), .backward_scratch = repeated_bytes()};
  }
  KernelNeeds needs() const override { return {.backward_inputs = options_.learns}; }
  KernelCost cost() const override {
    const double outputs = static_cast<double>(options_.grain * outputs_);
    return {.flops = 2 * outputs * static_cast<double>(options_.window.taps()),
            .bytes = 4 * (outputs + static_cast<double>(options_.grain * inputs_))};
  }
  bool backward_reads_weight(int index) const override { return index == 0; }

  void forward(const ForwardCall& call) const override {
    const float* input = static_cast<const float*>(call.inputs[0]);
    for (int64_t n = 0; n < options_.grain; ++n)
      depthwise_forward(options_.window, filters_, repeated(input + n * inputs_, call.scratch), call.weights[0],
                        options_.bias ? call.weights[1] : nullptr, static_cast<float*>(call.outputs[0]) + n * outputs_);
  }

  void backward(const BackwardCall& call) const override {
    const float* gradient = static_cast<const float*>(call.output_gradients[0]);
    if (options_.bias && call.weight_gradients[1])
      sum_columns(gradient, call.rows * options_.window.outputs(), filters_, call.weight_gradients[1]);
    if (float* to = call.weight_gradients[0]) {
      std::fill_n(to, options_.window.taps() * filters_, 0.0f);
      const float* input = static_cast<const float*>(call.inputs[0]);
      for (int64_t n = 0; n < call.rows; ++n)
        depthwise_weight_gradient(options_.window, filters_, repeated(input + n * inputs_, call.scratch),
                                  gradient + n * outputs_, to);
    }
    if (float* result = static_cast<float*>(call.input_gradients[0])) {
      for (int64_t n = 0; n < call.rows; ++n) input_gradient(call, gradient + n * outputs_, result + n * inputs_);
      std::fill_n(result + call.rows * inputs_, (options_.grain - call.rows) * inputs_, 0.0f);
    }
  }

 private:
  int64_t repeated_bytes() const {
    return options_.multiplier == 1 ? 0 : inputs_ * options_.multiplier * static_cast<int64_t>(sizeof(float));
  }

  // One image with every channel `multiplier` times.
  const float* repeated(const float* image, void* scratch) const {
    if (options_.multiplier == 1) return image;
    float* to = static_cast<float*>(scratch);
    for (int64_t i = 0; i < inputs_; ++i) to = std::fill_n(to, options_.multiplier, image[i]);
    return static_cast<const float*>(scratch);
  }

  void input_gradient(const BackwardCall& call, const float* gradient, float* result) const {
    if (options_.multiplier == 1)
      return depthwise_backward(options_.window, filters_, gradient, call.weights[0], result);
    float* repeats = static_cast<float*>(call.scratch);
    depthwise_backward(options_.window, filters_, gradient, call.weights[0], repeats);
    for (int64_t i = 0; i < inputs_; ++i, repeats += options_.multiplier) {
      float sum = repeats[0];
      for (int64_t m = 1; m < options_.multiplier; ++m) sum += repeats[m];
      result[i] = sum;
    }
  }

  DepthwiseKernelOptions options_;
  int64_t filters_, inputs_, outputs_;  // of one image
};

}  // namespace

std::unique_ptr<Kernel> make_depthwise_kernel(const DepthwiseKernelOptions& options) {
  return std::make_unique<DepthwiseKernel>(options);
}

}  // namespace batchwise
