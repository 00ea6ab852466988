// The transposed convolution: the products of a convolution, with inputs and outputs in each other's place.
#include <algorithm>

#include <batchwise/error.h>

#include "kernels/convolution.h"
#include "kernels/convolution_passes.h"
#include "kernels/product/columns.h"

namespace batchwise {
namespace {

constexpr std::string_view kKinds[3][2] = {{"conv1d_transpose", "conv1d_transpose+relu"},
                                           {"conv2d_transpose", "conv2d_transpose+relu"},
                                           {"conv3d_transpose", "conv3d_transpose+relu"}};

class TransposedConvolutionKernel : public Kernel {
 public:
  explicit TransposedConvolutionKernel(const ConvolutionKernelOptions& options)
      : options_(options),
        passes_({options.window, options.channels, options.filters, options.groups}, options.grain, true,
                options.bfloat16) {}

  std::string_view kind() const override { return kKinds[options_.window.rank - 1][options_.relu]; }
  std::vector<TensorType> outputs() const override {
    return {{options_.window.input_shape(options_.channels), DType::Float32, 0}};
  }
  KernelMemory memory() const override {
    return {.forward_scratch = passes_.inputs_scratch_bytes(),
            .backward_scratch = std::max(options_.learns ? passes_.gradient_scratch_bytes() : 0,
                                         options_.input_gradient ? passes_.outputs_scratch_bytes() : 0)};
  }
  KernelNeeds needs() const override { return {.backward_inputs = options_.learns, .backward_outputs = options_.relu}; }
  KernelCost cost() const override {
    const double taken = static_cast<double>(options_.grain * options_.window.outputs() * options_.filters);
    const double given = static_cast<double>(options_.grain * options_.window.inputs() * options_.channels);
    return {.flops = 2 * taken * static_cast<double>(passes_.depth()),
            .bytes = 4 * (taken + given + static_cast<double>(passes_.kernel().count()))};
  }
  WeightLayoutPtr forward_layout(int index) const override { return index == 0 ? passes_.input_panels() : nullptr; }
  WeightLayoutPtr gradient_layout(int index) const override { return index == 0 ? passes_.gradient_panels() : nullptr; }
  WeightLayoutPtr backward_layout(int index) const override { return index == 0 ? passes_.output_panels() : nullptr; }
  bool backward_reads_weight(int index) const override { return index == 0 && options_.input_gradient; }

  void forward(const ForwardCall& call) const override {
    passes_.inputs(options_.grain, static_cast<const float*>(call.inputs[0]), call.weights[0],
                   options_.bias ? call.weights[1] : nullptr, options_.relu, static_cast<float*>(call.outputs[0]),
                   call.scratch);
  }

  void backward(const BackwardCall& call) const override {
    float* gradient = static_cast<float*>(call.output_gradients[0]);
    const float* outputs = options_.relu ? static_cast<const float*>(call.outputs[0]) : nullptr;
    finish_gradient(gradient, outputs, call.rows * options_.window.inputs(), options_.channels,
                    options_.bias ? call.weight_gradients[1] : nullptr);
    if (call.weight_gradients[0])
      passes_.gradient(call.rows, gradient, static_cast<const float*>(call.inputs[0]), call.weight_gradients[0],
                       call.scratch);
    float* result = static_cast<float*>(call.input_gradients[0]);
    if (!result) return;
    passes_.outputs(call.rows, gradient, call.weights[0], nullptr, false, result, call.scratch);
    const int64_t image = options_.window.outputs() * options_.filters;
    std::fill_n(result + call.rows * image, (options_.grain - call.rows) * image, 0.0f);
  }

 private:
  ConvolutionKernelOptions options_;
  ConvolutionPasses passes_;
};

}  // namespace

std::unique_ptr<Kernel> make_transposed_convolution_kernel(const ConvolutionKernelOptions& options) {
  require(options.window.inputs() > 0 && options.window.outputs() > 0, "transposed convolution",
          "inputs and outputs must not be empty. Got ", options.window.output_shape(options.filters), " to ",
          options.window.input_shape(options.channels), ".");
  return std::make_unique<TransposedConvolutionKernel>(options);
}

}  // namespace batchwise
