// The ways of a convolution's passes.
#include "kernels/convolution_ways.h"

namespace batchwise {

ConvolutionWays::ConvolutionWays(const ConvolutionKernelOptions& options) : options_(options) {
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

int64_t ConvolutionWays::outputs_scratch_bytes() const {
  return winograd_.forward ? winograd_forward_.scratch_bytes(options_.grain) : passes_.outputs_scratch_bytes();
}
int64_t ConvolutionWays::gradient_scratch_bytes() const {
  return winograd_.weight_gradient ? winograd_weight_gradient_.scratch_bytes(options_.grain)
                                   : passes_.gradient_scratch_bytes();
}
int64_t ConvolutionWays::inputs_scratch_bytes() const {
  return winograd_.input_gradient && transposed_ ? winograd_backward_.scratch_bytes(options_.grain)
                                                 : passes_.inputs_scratch_bytes();
}

void ConvolutionWays::outputs(int64_t images, const float* inputs, const float* weights, const float* bias,
                              float* outputs, void* scratch, const Share& share) const {
  if (winograd_.forward) winograd_forward_.run(images, inputs, weights, bias, options_.relu, outputs, scratch, share);
  else passes_.outputs(images, inputs, weights, bias, options_.relu, outputs, scratch, share);
}

void ConvolutionWays::gradient(int64_t images, const float* inputs, const float* gradients, float* panels,
                               bool accumulate, void* scratch) const {
  if (winograd_.weight_gradient) winograd_weight_gradient_.run(images, inputs, gradients, panels, accumulate, scratch);
  else passes_.gradient(images, inputs, gradients, panels, scratch, accumulate);
}

void ConvolutionWays::inputs(int64_t images, const float* gradients, const float* weights, float* inputs,
                             void* scratch) const {
  if (winograd_.input_gradient) winograd_backward_.run(images, gradients, weights, nullptr, false, inputs, scratch);
  else passes_.inputs(images, gradients, weights, nullptr, false, inputs, scratch);
}

int64_t ConvolutionWays::rows_apart() const {
  if (winograd_.forward) return kWinogradTile;
  return !options_.bfloat16 && passes_.rows_per_image() == options_.window.height.output ? 1 : 0;
}

const float* ConvolutionWays::ready(const float* image, void* scratch) const {
  return winograd_.forward ? image : passes_.ready(1, image, scratch);
}

void ConvolutionWays::output_rows(const float* ready, int64_t first, int64_t count, const float* weights,
                                  const float* bias, float* outputs, void* scratch) const {
  if (winograd_.forward) winograd_forward_.rows(first, count, ready, weights, bias, options_.relu, outputs, scratch);
  else passes_.output_rows(ready, first, count, weights, bias, options_.relu, outputs);
}

void ConvolutionWays::gradient_rows(const float* ready, int64_t first, int64_t count, const float* gradients,
                                    float* panels, bool accumulate) const {
  passes_.gradient_rows(ready, first, count, gradients, panels, accumulate);
}

}  // namespace batchwise
