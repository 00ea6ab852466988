// The three products of a convolution.
#include "kernels/convolution_passes.h"

#include "kernels/product/product.h"
#include "kernels/product/product_share.h"

namespace batchwise {
namespace {

// A window of one position that touches every input position once has no need to know rows: one long row instead.
Window flattened(const Window& window) {
  const auto single = [](const WindowAxis& axis) {
    return axis.window == 1 && axis.stride == 1 && axis.output == axis.input;
  };
  if (!single(window.depth) || !single(window.height) || !single(window.width)) return window;
  return {.width = window_axis(window.inputs(), 1, 1, 1, false), .rank = 1};
}

Product along(const ProductPath& path, int64_t images) {
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

}  // namespace

ConvolutionPasses::ConvolutionPasses(const ConvolutionShape& shape, int64_t grain, bool inputs_from_outputs,
                                     bool bfloat16)
    : shape_{flattened(shape.window), shape.channels, shape.filters, shape.groups},
      grain_(grain),
      kernel_{shape.window.taps(), shape.channels / shape.groups, shape.filters / shape.groups, shape.groups},
      gradient_panels_(batchwise::output_panels(kernel_)) {
  if (bfloat16) {
    bfloat16_ = std::make_shared<Bfloat16Convolution>(shape_, grain, inputs_from_outputs);
    output_panels_ = bfloat16_->output_panels();
    input_panels_ = bfloat16_->input_panels();
    return;
  }
  forward_ = forward_path(shape_, grain);
  output_panels_ = gradient_panels_;
  if (!inputs_from_outputs) return;
  backward_ = backward_paths(shape_, grain);
  input_panels_ = batchwise::input_panels(kernel_, backward_.tap_order);
}

int64_t ConvolutionPasses::group_count() const { return in_panels(kernel_.outputs) * depth(); }

int64_t ConvolutionPasses::outputs_scratch_bytes() const {
  return bfloat16_ ? bfloat16_->outputs_scratch_bytes() : forward_.images.scratch_bytes(grain_);
}
int64_t ConvolutionPasses::inputs_scratch_bytes() const {
  return bfloat16_ ? bfloat16_->inputs_scratch_bytes() : backward_.gradients.scratch_bytes(grain_);
}
int64_t ConvolutionPasses::gradient_scratch_bytes() const {
  return bfloat16_ ? bfloat16_->gradient_scratch_bytes() : forward_.images.scratch_bytes(grain_);
}

void ConvolutionPasses::outputs(int64_t images, const float* inputs, const float* panels, const float* bias, bool relu,
                                float* outputs, void* scratch, const Share& share) const {
  if (bfloat16_) return bfloat16_->outputs(images, inputs, panels, bias, relu, outputs, scratch);
  output_rows(ready(images, inputs, scratch), 0, images * rows_per_image(), panels, bias, relu, outputs, share);
}

void ConvolutionPasses::output_rows(const float* ready, int64_t first, int64_t count, const float* panels,
                                    const float* bias, bool relu, float* outputs, const Share& share) const {
  Product product = along(forward_.path, 0);
  product.groups = count;
  product.a_groups += first;
  product.columns = kernel_.outputs;
  product.a_row = shape_.window.width.stride * shape_.channels;
  product.b_panel = depth() * kPanel;
  product.c_row = shape_.filters;
  product.relu = relu;
  for (int64_t g = 0; g < shape_.groups; ++g) {
    product.a = ready + g * kernel_.inputs;
    product.b = panels + g * group_count();
    product.c =
        outputs + g * kernel_.outputs;  // groups of C lie one behind the other: the first ones' places serve all
    product.bias = bias ? bias + g * kernel_.outputs : nullptr;
    multiply(product, share);
  }
}

// Rows are places in the window, sums run over the output positions of all images: the groups of outputs() as segments.
Product ConvolutionPasses::gradient_product(int64_t rows) const {
  Product product;
  product.rows = forward_.path.segment_length;
  product.columns = kernel_.outputs;
  product.a_row = 1;
  product.a_step = shape_.window.width.stride * shape_.channels;
  product.a_segments = forward_.path.a_groups.data();
  product.segments = rows;
  product.length = forward_.path.rows;
  product.b_step = shape_.filters;
  product.c_row = kPanel;
  product.c_panel = depth() * kPanel;
  product.c_padded = true;
  return product;
}

void ConvolutionPasses::gradient(int64_t images, const float* inputs, const float* outputs, float* panels,
                                 void* scratch, bool accumulate) const {
  if (bfloat16_) return bfloat16_->gradient(images, inputs, outputs, panels, accumulate, scratch);
  gradient_rows(ready(images, inputs, scratch), 0, images * rows_per_image(), outputs, panels, accumulate);
}

void ConvolutionPasses::gradient_rows(const float* ready, int64_t first, int64_t count, const float* outputs,
                                      float* panels, bool accumulate) const {
  Product product = gradient_product(count);
  product.a_segments += first;
  product.accumulate = accumulate;
  for (int64_t g = 0; g < shape_.groups; ++g) {
    product.b = outputs + g * kernel_.outputs;
    product.c = panels + g * group_count();
    for (int64_t place : forward_.path.segments) {
      product.a = ready + place + g * kernel_.inputs;
      multiply(product);
      product.c += product.rows * kPanel;
    }
  }
}

void ConvolutionPasses::inputs(int64_t images, const float* outputs, const float* panels, const float* bias, bool relu,
                               float* inputs, void* scratch) const {
  if (bfloat16_) return bfloat16_->inputs(images, outputs, panels, bias, relu, inputs, scratch);
  const float* margined = backward_.gradients.margined(outputs, images, static_cast<float*>(scratch));
  for (const ProductPath& phase : backward_.phases) {
    Product product = along(phase, images);
    product.columns = kernel_.inputs;
    product.a_row = shape_.filters;
    product.b_panel = kernel_.taps * kernel_.outputs * kPanel;
    product.c_row = shape_.window.width.stride * shape_.channels;
    product.relu = relu;
    for (int64_t g = 0; g < shape_.groups; ++g) {
      product.a = margined + g * kernel_.outputs;
      product.b = panels + g * in_panels(kernel_.inputs) * kernel_.taps * kernel_.outputs + phase.b_start * kPanel;
      product.c = inputs + g * kernel_.inputs;
      product.bias = bias ? bias + g * kernel_.inputs : nullptr;
      multiply(product);
    }
  }
}

}  // namespace batchwise
