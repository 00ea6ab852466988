// The depthwise kernel: rows of positions, each a sum over taps, vectors of channels at a time.
#include "kernels/depthwise.h"

#include <algorithm>

#include <batchwise/error.h>

#include "kernels/depthwise_passes.h"
#include "kernels/product/columns.h"

namespace batchwise {
namespace {

class DepthwiseKernel final : public Kernel {
 public:
  explicit DepthwiseKernel(const DepthwiseKernelOptions& options)
      : options_(options),
        channels_(options.channels * options.multiplier),
        forward_(depthwise_forward(options.window, channels_)),
        backward_(depthwise_backward(options.window, channels_)) {}

  std::string_view kind() const override { return options_.relu ? "depthwise+relu" : "depthwise"; }
  std::vector<TensorType> outputs() const override {
    return {{options_.window.output_shape(channels_), DType::Float32, 0}};
  }
  // With several outputs of a channel, its input is repeated for each, and their gradients added up.
  KernelMemory memory() const override {
    const int64_t repeated =
        options_.multiplier > 1 ? options_.window.inputs() * channels_ * static_cast<int64_t>(sizeof(float)) : 0;
    return {.forward_scratch = repeated, .backward_scratch = repeated};
  }
  KernelNeeds needs() const override { return {.backward_inputs = options_.learns, .backward_outputs = options_.relu}; }
  KernelCost cost() const override {
    const double outs = static_cast<double>(options_.grain * options_.window.outputs() * channels_);
    const double ins = static_cast<double>(options_.grain * options_.window.inputs() * options_.channels);
    return {.flops = 2 * outs * static_cast<double>(options_.window.taps()), .bytes = 4 * (ins + outs)};
  }
  bool shares() const override { return true; }
  bool backward_reads_weight(int index) const override { return index == 0 && options_.input_gradient; }

  void forward(const ForwardCall& call) const override {
    const auto* x = static_cast<const float*>(call.inputs[0]);
    auto* y = static_cast<float*>(call.outputs[0]);
    for (int64_t n = 0; n < options_.grain; ++n, y += outputs_of())
      run_depthwise(forward_, repeated(x + n * inputs_of(), call.scratch), call.weights[0],
                    options_.bias ? call.weights[1] : nullptr, options_.relu, y, call.share);
  }

  void backward(const BackwardCall& call) const override {
    auto* dy = static_cast<float*>(call.output_gradients[0]);
    const auto* y = options_.relu ? static_cast<const float*>(call.outputs[0]) : nullptr;
    finish_gradient(dy, y, call.rows * options_.window.outputs(), channels_,
                    options_.bias ? call.weight_gradients[1] : nullptr);
    if (float* dk = call.weight_gradients[0]) {
      const auto* x = static_cast<const float*>(call.inputs[0]);
      std::fill_n(dk, options_.window.taps() * channels_, 0.0f);
      for (int64_t n = 0; n < call.rows; ++n)
        add_depthwise_gradient(options_.window, channels_, repeated(x + n * inputs_of(), call.scratch),
                               dy + n * outputs_of(), dk);
    }
    if (auto* dx = static_cast<float*>(call.input_gradients[0])) {
      for (int64_t n = 0; n < call.rows; ++n, dx += inputs_of()) {
        float* to = options_.multiplier > 1 ? static_cast<float*>(call.scratch) : dx;
        run_depthwise(backward_, dy + n * outputs_of(), call.weights[0], nullptr, false, to);
        if (options_.multiplier > 1) add_up(to, dx);
      }
      std::fill_n(dx, (options_.grain - call.rows) * inputs_of(), 0.0f);
    }
  }

 private:
  int64_t inputs_of() const { return options_.window.inputs() * options_.channels; }
  int64_t outputs_of() const { return options_.window.outputs() * channels_; }

  const float* repeated(const float* x, void* scratch) const {
    if (options_.multiplier == 1) return x;
    auto* to = static_cast<float*>(scratch);
    for (int64_t i = 0; i < inputs_of(); ++i) to = std::fill_n(to, options_.multiplier, x[i]);
    return static_cast<const float*>(scratch);
  }
  void add_up(const float* from, float* to) const {
    for (int64_t i = 0; i < inputs_of(); ++i) {
      float sum = *from++;
      for (int64_t m = 1; m < options_.multiplier; ++m) sum += *from++;
      to[i] = sum;
    }
  }

  DepthwiseKernelOptions options_;
  int64_t channels_;  // of the output
  DepthwisePass forward_, backward_;
};

}  // namespace

std::unique_ptr<Kernel> make_depthwise_kernel(const DepthwiseKernelOptions& options) {
  require(options.window.outputs() > 0 && options.window.rank <= 2, "depthwise",
          "the window must fit a line or an image. Got a window of rank ", options.window.rank, ".");
  return std::make_unique<DepthwiseKernel>(options);
}

}  // namespace batchwise
