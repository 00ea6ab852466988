// The convolution kernel: implicit matrix products, with no matrix of windows ever written out.
#include "kernels/conv2d.h"

#include <algorithm>
#include <cstring>

#include <batchwise/error.h>

#include "kernels/conv2d_paths.h"
#include "kernels/product/columns.h"
#include "kernels/product/panel_layout.h"
#include "kernels/product/product.h"
#include "kernels/winograd.h"

namespace batchwise {
namespace {

// A window of one position that touches every input position once has no need to know rows: one long row instead.
Window2D flattened(const Window2D& window) {
  const auto single = [](const WindowAxis& axis) { return axis.window == 1 && axis.stride == 1; };
  if (!single(window.height) || !single(window.width)) return window;
  return {window_axis(1, 1, 1, 1, false), window_axis(window.height.input * window.width.input, 1, 1, 1, false)};
}

KernelShape kernel_shape(const Conv2DKernelOptions& options) {
  return {options.window.height.window * options.window.width.window, options.channels / options.groups,
          options.filters / options.groups, options.groups};
}

class Conv2DKernel : public Kernel {
 public:
  explicit Conv2DKernel(const Conv2DKernelOptions& options)
      : options_(options),
        shape_{flattened(options.window), options.channels, options.filters, options.groups},
        kernel_(kernel_shape(options)),
        forward_(forward_path(shape_, options.grain)),
        panels_(output_panels(kernel_)),
        forward_panels_(panels_) {
    const auto& [window, channels, filters, groups] = shape_;
    if (options.winograd) winograd_ = winograd_passes(window, channels, filters, groups);
    if (winograd_.forward) {
      winograd_forward_ = WinogradConvolution(window, channels, filters, false);
      forward_panels_ = winograd_forward_layout(channels, filters);
    }
    if (winograd_.weight_gradient) winograd_weight_gradient_ = WinogradWeightGradient(window, channels, filters);
    if (options.input_gradient && winograd_.input_gradient) {
      winograd_backward_ = WinogradConvolution(window, channels, filters, true);
      transposed_ = winograd_backward_layout(channels, filters);
    } else if (options.input_gradient) {
      backward_ = backward_paths(shape_, options.grain);
      transposed_ = input_panels(kernel_, backward_.tap_order);
    }
  }

  std::string_view kind() const override { return options_.relu ? "conv2d+relu" : "conv2d"; }
  std::vector<TensorType> outputs() const override {
    return {{Shape{options_.window.height.output, options_.window.width.output, options_.filters}, DType::Float32, 0}};
  }
  KernelMemory memory() const override {
    const int64_t grain = options_.grain, images = forward_.images.scratch_bytes(grain);
    const int64_t weights = winograd_.weight_gradient ? winograd_weight_gradient_.scratch_bytes(grain) : images;
    const int64_t inputs = winograd_.input_gradient && transposed_ ? winograd_backward_.scratch_bytes(grain)
                                                                   : backward_.gradients.scratch_bytes(grain);
    return {.forward_scratch = winograd_.forward ? winograd_forward_.scratch_bytes(grain) : images,
            .backward_scratch = std::max(options_.learns ? weights : 0, inputs)};
  }
  KernelNeeds needs() const override { return {.backward_inputs = options_.learns, .backward_outputs = options_.relu}; }
  KernelCost cost() const override {
    const double outputs = static_cast<double>(options_.grain * positions() * options_.filters);
    const double inputs = static_cast<double>(options_.grain * options_.window.height.input *
                                              options_.window.width.input * options_.channels);
    return {.flops = 2 * outputs * static_cast<double>(depth()),
            .bytes = 4 * (outputs + inputs + static_cast<double>(kernel_.count()))};
  }
  WeightLayoutPtr forward_layout(int index) const override { return index == 0 ? forward_panels_ : nullptr; }
  WeightLayoutPtr gradient_layout(int index) const override { return index == 0 ? panels_ : nullptr; }
  WeightLayoutPtr backward_layout(int index) const override {
    return index == 0 && transposed_ ? transposed_ : forward_layout(index);
  }
  bool backward_reads_weight(int index) const override { return index == 0 && options_.input_gradient; }

  void forward(const ForwardCall& call) const override {
    if (winograd_.forward)
      return winograd_forward_.run(options_.grain, static_cast<const float*>(call.inputs[0]), call.weights[0],
                                   options_.bias ? call.weights[1] : nullptr, options_.relu,
                                   static_cast<float*>(call.outputs[0]), call.scratch);
    const float* images = forward_.images.margined(static_cast<const float*>(call.inputs[0]), options_.grain,
                                                   static_cast<float*>(call.scratch));
    Product product = along(forward_.path, options_.grain);
    product.columns = kernel_.outputs;
    product.a_row = shape_.window.width.stride * options_.channels;
    product.b_panel = depth() * kPanel;
    product.c_row = options_.filters;
    product.relu = options_.relu;
    for (int64_t g = 0; g < options_.groups; ++g) {
      product.a = images + g * kernel_.inputs;
      product.b = call.weights[0] + g * group_count();
      product.c = static_cast<float*>(call.outputs[0]) + g * kernel_.outputs;
      product.bias = options_.bias ? call.weights[1] + g * kernel_.outputs : nullptr;
      multiply(product);
    }
  }

  void backward(const BackwardCall& call) const override {
    float* gradient = static_cast<float*>(call.output_gradients[0]);
    const float* outputs = options_.relu ? static_cast<const float*>(call.outputs[0]) : nullptr;
    finish_gradient(gradient, outputs, call.rows * positions(), options_.filters,
                    options_.bias ? call.weight_gradients[1] : nullptr);
    if (call.weight_gradients[0]) weight_gradient(call, gradient);
    if (call.input_gradients[0]) input_gradient(call, gradient);
  }

 private:
  int64_t positions() const { return options_.window.height.output * options_.window.width.output; }
  int64_t depth() const { return kernel_.taps * kernel_.inputs; }
  int64_t group_count() const { return in_panels(kernel_.outputs) * depth(); }

  static Product along(const ProductPath& path, int64_t images) {
    Product product;
    product.rows = path.rows;
    product.groups = images * path.groups_per_image;
    product.a_groups = path.a_groups.data();
    product.c_groups = path.c_groups.data();
    product.a_segments = path.segments.data();
    product.segments = static_cast<int64_t>(path.segments.size());
    product.length = path.segment_length;
    return product;
  }

  // Rows are places in the window, sums run over the output positions of all images: the groups of forward as segments.
  void weight_gradient(const BackwardCall& call, const float* gradient) const {
    if (winograd_.weight_gradient)
      return winograd_weight_gradient_.run(call.rows, static_cast<const float*>(call.inputs[0]), gradient,
                                           call.weight_gradients[0], call.scratch);
    const float* images = forward_.images.margined(static_cast<const float*>(call.inputs[0]), call.rows,
                                                   static_cast<float*>(call.scratch));
    Product product;
    product.rows = forward_.path.segment_length;
    product.columns = kernel_.outputs;
    product.a_row = 1;
    product.a_step = shape_.window.width.stride * options_.channels;
    product.a_segments = forward_.path.a_groups.data();
    product.segments = call.rows * forward_.path.groups_per_image;
    product.length = forward_.path.rows;
    product.b_step = options_.filters;
    product.c_row = kPanel;
    product.c_panel = depth() * kPanel;
    product.c_padded = true;
    for (int64_t g = 0; g < options_.groups; ++g) {
      product.b = gradient + g * kernel_.outputs;
      product.c = call.weight_gradients[0] + g * group_count();
      for (int64_t place : forward_.path.segments) {
        product.a = images + place + g * kernel_.inputs;
        multiply(product);
        product.c += product.rows * kPanel;
      }
    }
  }

  void input_gradient(const BackwardCall& call, const float* gradient) const {
    float* result = static_cast<float*>(call.input_gradients[0]);
    if (winograd_.input_gradient)
      winograd_backward_.run(call.rows, gradient, call.weights[0], nullptr, false, result, call.scratch);
    else input_gradient_by_phases(call, gradient, result);
    const int64_t image = options_.window.height.input * options_.window.width.input * options_.channels;
    std::fill_n(result + call.rows * image, (options_.grain - call.rows) * image, 0.0f);
  }

  void input_gradient_by_phases(const BackwardCall& call, const float* gradient, float* result) const {
    const float* gradients = backward_.gradients.margined(gradient, call.rows, static_cast<float*>(call.scratch));
    for (const ProductPath& phase : backward_.phases) {
      Product product = along(phase, call.rows);
      product.columns = kernel_.inputs;
      product.a_row = options_.filters;
      product.b_panel = kernel_.taps * kernel_.outputs * kPanel;
      product.c_row = shape_.window.width.stride * options_.channels;
      for (int64_t g = 0; g < options_.groups; ++g) {
        product.a = gradients + g * kernel_.outputs;
        product.b =
            call.weights[0] + g * in_panels(kernel_.inputs) * kernel_.taps * kernel_.outputs + phase.b_start * kPanel;
        product.c = result + g * kernel_.inputs;
        multiply(product);
      }
    }
  }

  Conv2DKernelOptions options_;
  ConvolutionShape shape_;
  KernelShape kernel_;
  ForwardPath forward_;
  BackwardPaths backward_;
  WinogradPasses winograd_;
  WinogradConvolution winograd_forward_, winograd_backward_;
  WinogradWeightGradient winograd_weight_gradient_;
  WeightLayoutPtr panels_, forward_panels_, transposed_;
};

}  // namespace

std::unique_ptr<Kernel> make_conv2d_kernel(const Conv2DKernelOptions& options) {
  require(options.window.height.output > 0 && options.window.width.output > 0, "conv2d",
          "the window must fit the input. Got ", options.window.height.reach(), " x ", options.window.width.reach(),
          " on ", options.window.height.input, " x ", options.window.width.input, ".");
  return std::make_unique<Conv2DKernel>(options);
}

}  // namespace batchwise
