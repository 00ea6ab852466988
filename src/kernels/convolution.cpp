// The convolution kernel: implicit matrix products, or Winograd's way where the shapes suit it.
#include "kernels/convolution.h"

#include <algorithm>

#include <batchwise/error.h>

#include "kernels/convolution_passes.h"
#include "kernels/product/columns.h"
#include "kernels/product/product.h"
#include "kernels/winograd.h"

namespace batchwise {
namespace {

constexpr std::string_view kKinds[3][2] = {
    {"conv1d", "conv1d+relu"}, {"conv2d", "conv2d+relu"}, {"conv3d", "conv3d+relu"}};

class ConvolutionKernel : public Kernel {
 public:
  explicit ConvolutionKernel(const ConvolutionKernelOptions& options) : options_(options) {
    const ConvolutionShape shape{options.window, options.channels, options.filters, options.groups};
    if (options.winograd && !options.bfloat16)
      winograd_ = winograd_passes(shape.window, shape.channels, shape.filters, shape.groups);
    passes_ =
        ConvolutionPasses(shape, options.grain, options.input_gradient && !winograd_.input_gradient, options.bfloat16);
    forward_panels_ = passes_.output_panels();
    transposed_ = passes_.input_panels();
    if (winograd_.forward) {
      winograd_forward_ = WinogradConvolution(shape.window, shape.channels, shape.filters, false);
      forward_panels_ = winograd_forward_layout(shape.channels, shape.filters);
    }
    if (winograd_.weight_gradient)
      winograd_weight_gradient_ = WinogradWeightGradient(shape.window, shape.channels, shape.filters);
    if (options.input_gradient && winograd_.input_gradient) {
      winograd_backward_ = WinogradConvolution(shape.window, shape.channels, shape.filters, true);
      transposed_ = winograd_backward_layout(shape.channels, shape.filters);
    }
  }

  std::string_view kind() const override { return kKinds[options_.window.rank - 1][options_.relu]; }
  std::vector<TensorType> outputs() const override {
    return {{options_.window.output_shape(options_.filters), DType::Float32, 0}};
  }
  KernelMemory memory() const override {
    const int64_t grain = options_.grain;
    const int64_t outputs =
        winograd_.forward ? winograd_forward_.scratch_bytes(grain) : passes_.outputs_scratch_bytes();
    const int64_t weights =
        winograd_.weight_gradient ? winograd_weight_gradient_.scratch_bytes(grain) : passes_.gradient_scratch_bytes();
    const int64_t inputs = winograd_.input_gradient && transposed_ ? winograd_backward_.scratch_bytes(grain)
                                                                   : passes_.inputs_scratch_bytes();
    const int64_t sums = options_.bfloat16 ? in_panels(options_.filters) * static_cast<int64_t>(sizeof(float)) : 0;
    return {.forward_scratch = outputs, .backward_scratch = sums + std::max(options_.learns ? weights : 0, inputs)};
  }
  KernelNeeds needs() const override { return {.backward_inputs = options_.learns, .backward_outputs = options_.relu}; }
  bool shares() const override { return !options_.bfloat16; }
  KernelCost cost() const override {
    const double outputs = static_cast<double>(options_.grain * options_.window.outputs() * options_.filters);
    const double inputs = static_cast<double>(options_.grain * options_.window.inputs() * options_.channels);
    return {.flops = 2 * outputs * static_cast<double>(passes_.depth()),
            .bytes = 4 * (outputs + inputs + static_cast<double>(passes_.kernel().count()))};
  }
  WeightLayoutPtr forward_layout(int index) const override { return index == 0 ? forward_panels_ : nullptr; }
  WeightLayoutPtr gradient_layout(int index) const override { return index == 0 ? passes_.gradient_panels() : nullptr; }
  WeightLayoutPtr backward_layout(int index) const override {
    return index == 0 && transposed_ ? transposed_ : forward_layout(index);
  }
  bool backward_reads_weight(int index) const override { return index == 0 && options_.input_gradient; }
  bool can_add_to_gradient(int index) const override {
    return index == 0 && !options_.bfloat16 && (winograd_.weight_gradient || passes_.gradient_in_one_stretch());
  }

  void forward(const ForwardCall& call) const override {
    const float* inputs = static_cast<const float*>(call.inputs[0]);
    const float* bias = options_.bias ? call.weights[1] : nullptr;
    float* outputs = static_cast<float*>(call.outputs[0]);
    if (winograd_.forward)
      winograd_forward_.run(options_.grain, inputs, call.weights[0], bias, options_.relu, outputs, call.scratch,
                            call.share);
    else
      passes_.outputs(options_.grain, inputs, call.weights[0], bias, options_.relu, outputs, call.scratch, call.share);
  }

  void backward(const BackwardCall& call) const override {
    if (options_.bfloat16) backward_by_images(call);
    else backward_of(call, 0, call.rows, options_.bias ? call.weight_gradients[1] : nullptr, call.scratch);
    if (float* result = static_cast<float*>(call.input_gradients[0])) {
      const int64_t image = options_.window.inputs() * options_.channels;
      std::fill_n(result + call.rows * image, (options_.grain - call.rows) * image, 0.0f);
    }
  }

 private:
  // Some images at a time: their gradient stays in a core's cache while all is made of it.
  void backward_by_images(const BackwardCall& call) const {
    float* bias = options_.bias ? call.weight_gradients[1] : nullptr;
    float* sums = static_cast<float*>(call.scratch);
    for (int64_t first = 0; first < call.rows; first += passes_.images_together()) {
      const int64_t images = std::min(passes_.images_together(), call.rows - first);
      backward_of(call, first, images, bias && first > 0 ? sums : bias, sums + in_panels(options_.filters));
      for (int64_t f = 0; bias && first > 0 && f < options_.filters; ++f) bias[f] += sums[f];
    }
  }

  // bias: where its gradient goes, or null.
  void backward_of(const BackwardCall& call, int64_t first, int64_t images, float* bias, void* scratch) const {
    const int64_t taken = first * options_.window.inputs() * options_.channels;
    const int64_t given = first * options_.window.outputs() * options_.filters;
    float* gradient = static_cast<float*>(call.output_gradients[0]) + given;
    const float* outputs = options_.relu ? static_cast<const float*>(call.outputs[0]) + given : nullptr;
    finish_gradient(gradient, outputs, images * options_.window.outputs(), options_.filters, bias);
    if (float* kernel = call.weight_gradients[0]) {
      const float* inputs = static_cast<const float*>(call.inputs[0]) + taken;
      const bool adds = call.adds && can_add_to_gradient(0);
      if (winograd_.weight_gradient) winograd_weight_gradient_.run(images, inputs, gradient, kernel, adds, scratch);
      else passes_.gradient(images, inputs, gradient, kernel, scratch, adds || first > 0);
    }
    if (!call.input_gradients[0]) return;
    float* result = static_cast<float*>(call.input_gradients[0]) + taken;
    if (winograd_.input_gradient)
      winograd_backward_.run(images, gradient, call.weights[0], nullptr, false, result, scratch);
    else passes_.inputs(images, gradient, call.weights[0], nullptr, false, result, scratch);
  }

  ConvolutionKernelOptions options_;
  ConvolutionPasses passes_;
  WinogradPasses winograd_;
  WinogradConvolution winograd_forward_, winograd_backward_;
  WinogradWeightGradient winograd_weight_gradient_;
  WeightLayoutPtr forward_panels_, transposed_;
};

}  // namespace

std::unique_ptr<Kernel> make_convolution_kernel(const ConvolutionKernelOptions& options) {
  require(options.window.outputs() > 0, "convolution", "the window must fit the input. Got ",
          options.window.height.reach(), " x ", options.window.width.reach(), " on ",
          options.window.input_shape(options.channels), ".");
  return std::make_unique<ConvolutionKernel>(options);
}

}  // namespace batchwise
