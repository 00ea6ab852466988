// The convolution kernel: a grain of images at a time.
#include "kernels/convolution.h"

#include <algorithm>

#include <batchwise/error.h>

#include "kernels/convolution_ways.h"
#include "kernels/pooled_convolution.h"
#include "kernels/pooling.h"
#include "kernels/product/columns.h"

namespace batchwise {
namespace {

constexpr std::string_view kKinds[3][2] = {
    {"conv1d", "conv1d+relu"}, {"conv2d", "conv2d+relu"}, {"conv3d", "conv3d+relu"}};

class ConvolutionKernel : public Kernel {
 public:
  explicit ConvolutionKernel(const ConvolutionKernelOptions& options) : options_(options), ways_(options) {}

  std::string_view kind() const override { return kKinds[options_.window.rank - 1][options_.relu]; }
  std::vector<TensorType> outputs() const override {
    return {{options_.window.output_shape(options_.filters), DType::Float32, 0}};
  }
  std::unique_ptr<Kernel> joined(const Kernel& next) const override {
    const std::optional<PoolingKernelOptions> pooling = max_pooling_options(next);
    return pooling && !options_.bfloat16 ? make_pooled_convolution_kernel(options_, *pooling) : nullptr;
  }
  KernelMemory memory() const override {
    const int64_t sums = options_.bfloat16 ? in_panels(options_.filters) * static_cast<int64_t>(sizeof(float)) : 0;
    return {.forward_scratch = ways_.outputs_scratch_bytes(),
            .backward_scratch =
                sums + std::max(options_.learns ? ways_.gradient_scratch_bytes() : 0, ways_.inputs_scratch_bytes())};
  }
  KernelNeeds needs() const override { return {.backward_inputs = options_.learns, .backward_outputs = options_.relu}; }
  bool shares() const override { return !options_.bfloat16; }
  KernelCost cost() const override {
    const double outputs = static_cast<double>(options_.grain * options_.window.outputs() * options_.filters);
    const double inputs = static_cast<double>(options_.grain * options_.window.inputs() * options_.channels);
    return {.flops = 2 * outputs * static_cast<double>(ways_.depth()),
            .bytes = 4 * (outputs + inputs + static_cast<double>(ways_.weight_count()))};
  }
  WeightLayoutPtr forward_layout(int index) const override { return index == 0 ? ways_.forward_layout() : nullptr; }
  WeightLayoutPtr gradient_layout(int index) const override { return index == 0 ? ways_.gradient_layout() : nullptr; }
  WeightLayoutPtr backward_layout(int index) const override {
    return index == 0 && ways_.backward_layout() ? ways_.backward_layout() : forward_layout(index);
  }
  bool backward_reads_weight(int index) const override { return index == 0 && options_.input_gradient; }
  bool can_add_to_gradient(int index) const override {
    return index == 0 && !options_.bfloat16 && ways_.gradient_in_one_stretch();
  }

  void forward(const ForwardCall& call) const override {
    ways_.outputs(options_.grain, static_cast<const float*>(call.inputs[0]), call.weights[0],
                  options_.bias ? call.weights[1] : nullptr, static_cast<float*>(call.outputs[0]), call.scratch,
                  call.share);
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
    for (int64_t first = 0; first < call.rows; first += ways_.images_together()) {
      const int64_t images = std::min(ways_.images_together(), call.rows - first);
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
      const bool adds = call.adds && can_add_to_gradient(0);
      ways_.gradient(images, static_cast<const float*>(call.inputs[0]) + taken, gradient, kernel, adds || first > 0,
                     scratch);
    }
    if (float* result = static_cast<float*>(call.input_gradients[0]))
      ways_.inputs(images, gradient, call.weights[0], result + taken, scratch);
  }

  ConvolutionKernelOptions options_;
  ConvolutionWays ways_;
};

}  // namespace

std::unique_ptr<Kernel> make_convolution_kernel(const ConvolutionKernelOptions& options) {
  require(options.window.outputs() > 0, "convolution", "the window must fit the input. Got ",
          options.window.height.reach(), " x ", options.window.width.reach(), " on ",
          options.window.input_shape(options.channels), ".");
  return std::make_unique<ConvolutionKernel>(options);
}

}  // namespace batchwise
