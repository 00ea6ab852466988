// The three products of a convolution, between packing and float32 results.
#include "kernels/bfloat16_convolution.h"

#include <algorithm>

#include "kernels/product/bfloat16_layout.h"
#include "kernels/product/bfloat16_packing.h"

namespace batchwise {
namespace {

Bfloat16Product along(const ProductPath& path, int64_t images) {
  Bfloat16Product product;
  product.rows = path.rows;
  product.groups = images * path.groups_per_image;
  product.a_groups = path.a_groups.data();
  product.c_groups = path.c_groups.data();
  product.a_segments = path.segments.data();
  product.segments = static_cast<int64_t>(path.segments.size());
  product.length = path.segment_length;
  return product;
}

// Taps side by side are one stretch of k where their padded channels are whole steps together.
bool joins(int64_t taps, int64_t channels) {
  for (int64_t n = 1; n <= taps; ++n)
    if (in_steps(n * channels) != n * channels) return false;
  return true;
}

Margined margined(const WindowAxis& axis) { return {axis.input, axis.before, axis.after}; }

const Bfloat16* pairs(const float* panels) { return reinterpret_cast<const Bfloat16*>(panels); }

}  // namespace

Bfloat16Convolution::Bfloat16Convolution(const ConvolutionShape& shape, int64_t grain, bool inputs_from_outputs)
    : shape_(shape),
      grain_(grain),
      kernel_{shape.window.taps(), shape.channels / shape.groups, shape.filters / shape.groups, shape.groups},
      output_panels_(bfloat16_output_panels(kernel_)) {
  ConvolutionShape padded = shape;
  padded.channels = shape.groups * in_steps(kernel_.inputs);
  padded.joined = joins(shape.window.width.window, in_steps(kernel_.inputs));
  forward_ = forward_path(padded, grain);
  images_ = {forward_.images, kernel_.inputs, shape.groups};
  find_places(grain);
  if (!inputs_from_outputs) return;
  padded = shape;
  padded.filters = shape.groups * in_steps(kernel_.outputs);
  padded.joined = joins(shape.window.width.window, in_steps(kernel_.outputs));
  backward_ = backward_paths(padded, grain);
  gradients_ = {backward_.gradients, kernel_.outputs, shape.groups};
  input_panels_ = bfloat16_input_panels(kernel_, backward_.tap_order);
}

void Bfloat16Convolution::find_places(int64_t grain) {
  const WindowAxis &depth = shape_.window.depth, &height = shape_.window.height, &width = shape_.window.width;
  const int64_t reach = (width.window - 1) * width.dilation / width.stride;
  length_ = in_steps(width.output);
  transposed_ = {margined(depth), margined(height), margined(width),
                 shape_.channels, width.stride,     length_ + reach + (length_ + reach) % 2};
  const int64_t row = transposed_.row_count(), plane = transposed_.plane_count();
  for (int64_t n = 0; n < grain; ++n)
    for (int64_t d = 0; d < depth.output; ++d)
      for (int64_t h = 0; h < height.output; ++h)
        row_places_.push_back(n * transposed_.count() + d * depth.stride * plane + h * height.stride * row);
  for (int64_t kd = 0; kd < depth.window; ++kd)
    for (int64_t kh = 0; kh < height.window; ++kh)
      for (int64_t kw = 0; kw < width.window; ++kw) {
        const int64_t across = kw * width.dilation;
        tap_places_.push_back(kd * depth.dilation * plane + kh * height.dilation * row +
                              across % width.stride * transposed_.length + across / width.stride);
        tap_panels_.push_back(static_cast<int64_t>(tap_panels_.size()) * kernel_.inputs * kPanel);
      }
}

int64_t Bfloat16Convolution::gradient_scratch_bytes() const {
  const int64_t rows = grain_ * rows_of_positions() * length_;
  return transposed_.scratch_bytes(grain_) +
         kernel_.groups * in_panels(kernel_.outputs) * rows * static_cast<int64_t>(sizeof(Bfloat16));
}

void Bfloat16Convolution::outputs(int64_t images, const float* inputs, const float* panels, const float* bias,
                                  bool relu, float* outputs, void* scratch) const {
  auto* rounded = static_cast<Bfloat16*>(scratch);
  images_.round(inputs, images, rounded);
  const int64_t channels = in_steps(kernel_.inputs), panel = kernel_.taps * channels * kPanel;
  Bfloat16Product product = along(forward_.path, images);
  product.columns = kernel_.outputs;
  product.a_row = shape_.window.width.stride * shape_.groups * channels;
  product.b_panel = panel;
  product.c_row = shape_.filters;
  product.relu = relu;
  for (int64_t g = 0; g < shape_.groups; ++g) {
    product.a = rounded + g * channels;
    product.b = pairs(panels) + g * panels_of(kernel_.outputs) * panel;
    product.c = outputs + g * kernel_.outputs;
    product.bias = bias ? bias + g * kernel_.outputs : nullptr;
    multiply(product);
  }
}

void Bfloat16Convolution::inputs(int64_t images, const float* outputs, const float* panels, const float* bias,
                                 bool relu, float* inputs, void* scratch) const {
  auto* rounded = static_cast<Bfloat16*>(scratch);
  gradients_.round(outputs, images, rounded);
  const int64_t filters = in_steps(kernel_.outputs), panel = kernel_.taps * filters * kPanel;
  for (const ProductPath& phase : backward_.phases) {
    Bfloat16Product product = along(phase, images);
    product.columns = kernel_.inputs;
    product.a_row = shape_.groups * filters;
    product.b_panel = panel;
    product.c_row = shape_.window.width.stride * shape_.channels;
    product.relu = relu;
    for (int64_t g = 0; g < shape_.groups; ++g) {
      product.a = rounded + g * filters;
      product.b = pairs(panels) + g * panels_of(kernel_.inputs) * panel + phase.b_start * kPanel;
      product.c = inputs + g * kernel_.inputs;
      product.bias = bias ? bias + g * kernel_.inputs : nullptr;
      multiply(product);
    }
  }
}

// Rows are channels, for each tap those that it reads; sums run over the output positions of all images.
void Bfloat16Convolution::gradient(int64_t images, const float* inputs, const float* outputs, float* panels,
                                   void* scratch) const {
  const int64_t rows = images * rows_of_positions(), panel = rows * length_ * kPanel;
  auto* paired = static_cast<Bfloat16*>(scratch);
  Bfloat16* turned = paired + kernel_.groups * panels_of(kernel_.outputs) * panel;
  const int64_t width = shape_.window.width.output;
  transposed_.round(inputs, images, turned);
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t g = 0; g < shape_.groups; ++g)
      round_pairs(outputs + row * width * shape_.filters + g * kernel_.outputs, shape_.filters, width, kernel_.outputs,
                  paired + g * panels_of(kernel_.outputs) * panel + row * length_ * kPanel, panel, length_);
  Bfloat16Product product;
  product.rows = kernel_.inputs;
  product.columns = kernel_.outputs;
  product.groups = kernel_.taps;
  product.a_groups = tap_places_.data();
  product.c_groups = tap_panels_.data();
  product.a_row = transposed_.channel_count();
  product.a_segments = row_places_.data();
  product.segments = rows;
  product.length = length_;
  product.b_panel = panel;
  product.c_row = kPanel;
  product.c_panel = kernel_.taps * kernel_.inputs * kPanel;
  product.c_padded = true;
  for (int64_t g = 0; g < shape_.groups; ++g) {
    product.a = turned + g * kernel_.inputs * transposed_.channel_count();
    product.b = paired + g * panels_of(kernel_.outputs) * panel;
    product.c = panels + g * panels_of(kernel_.outputs) * product.c_panel;
    multiply(product);
  }
}

}  // namespace batchwise
