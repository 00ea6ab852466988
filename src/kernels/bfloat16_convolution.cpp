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
  find_band();
  find_places();
  ConvolutionShape padded = shape;
  padded.channels = shape.groups * in_steps(kernel_.inputs);
  padded.joined = joins(shape.window.width.window, in_steps(kernel_.inputs));
  forward_ = forward_path(padded, band_.images);
  images_ = {forward_.images, kernel_.inputs, shape.groups};
  if (!inputs_from_outputs) return;
  padded = shape;
  padded.filters = shape.groups * in_steps(kernel_.outputs);
  padded.joined = joins(shape.window.width.window, in_steps(kernel_.outputs));
  backward_ = backward_paths(padded, band_.images);
  gradients_ = {backward_.gradients, kernel_.outputs, shape.groups};
  input_panels_ = bfloat16_input_panels(kernel_, backward_.tap_order);
}

int64_t Bfloat16Convolution::input_rows(int64_t rows) const {
  const WindowAxis& height = shape_.window.height;
  return (rows - 1) * height.stride + height.reach();
}

// Where all taps see one position each, and all positions are seen.
bool Bfloat16Convolution::flat() const {
  const WindowAxis& width = shape_.window.width;
  return kernel_.taps == 1 && rows_of_positions() == 1 && width.stride == 1 && width.output == width.input;
}

// Of a band: what is added to the kernel's gradient must be worth its way.
int64_t Bfloat16Convolution::least_positions() const { return kernel_.count() / (shape_.channels + shape_.filters); }

// What a band is rounded to stays in a core's cache while all taps pass over it.
void Bfloat16Convolution::find_band() {
  constexpr int64_t kBandElements = 128 << 10;
  const WindowAxis &depth = shape_.window.depth, &height = shape_.window.height, &width = shape_.window.width;
  if (flat()) {
    const int64_t each = shape_.channels + shape_.filters;
    const int64_t most = std::max(kBandElements / each, least_positions());
    band_ = {std::clamp<int64_t>(most / width.output, 1, grain_), 1};
    length_ = in_steps(std::min(band_.images * width.output, (most + 31) / 32 * 32));
    return;
  }
  const int64_t reach = (width.window - 1) * width.dilation / width.stride;
  length_ = in_steps(width.output);
  transposed_ = {margined(depth), margined(height), margined(width),
                 shape_.channels, width.stride,     length_ + reach + (length_ + reach) % 2};
  const int64_t rows = rows_of_positions(), image = transposed_.count() + rows * pairs_of_row();
  const int64_t margin = (input_rows(1) - height.stride) * transposed_.row_count();
  const int64_t row = height.stride * transposed_.row_count() + pairs_of_row();
  const int64_t least_rows = (least_positions() + width.output - 1) / width.output;
  const int64_t images = std::max(kBandElements / image, least_rows / rows);
  band_ = {std::clamp<int64_t>(images, 1, grain_), rows};
  if (images > 0 || depth.output > 1 || depth.window > 1) return;  // a band is of one plane
  const int64_t most = std::clamp<int64_t>(std::max((kBandElements - margin) / row, least_rows), 1, rows);
  const int64_t bands = (rows + most - 1) / most;
  band_.rows = (rows + bands - 1) / bands;
}

void Bfloat16Convolution::find_places() {
  const WindowAxis &depth = shape_.window.depth, &height = shape_.window.height, &width = shape_.window.width;
  const int64_t row = transposed_.row_count(), plane = transposed_.plane_count();
  for (int64_t n = 0; n < band_.images; ++n)
    for (int64_t d = 0; d < depth.output; ++d)
      for (int64_t h = 0; h < band_.rows / depth.output; ++h)
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
  if (flat()) return (shape_.channels * length_ + pairs_of_row()) * static_cast<int64_t>(sizeof(Bfloat16));
  const int64_t inputs = band_.rows == rows_of_positions() ? band_.images * transposed_.count()
                                                           : input_rows(band_.rows) * transposed_.row_count();
  return (inputs + band_.images * band_.rows * pairs_of_row()) * static_cast<int64_t>(sizeof(Bfloat16));
}

void Bfloat16Convolution::outputs(int64_t images, const float* inputs, const float* panels, const float* bias,
                                  bool relu, float* outputs, void* scratch) const {
  auto* rounded = static_cast<Bfloat16*>(scratch);
  const int64_t channels = in_steps(kernel_.inputs), panel = kernel_.taps * channels * kPanel;
  for (int64_t n = 0; n < images; n += band_.images) {
    const int64_t together = std::min(band_.images, images - n);
    images_.round(inputs + n * shape_.window.inputs() * shape_.channels, together, rounded);
    Bfloat16Product product = along(forward_.path, together);
    product.columns = kernel_.outputs;
    product.a_row = shape_.window.width.stride * shape_.groups * channels;
    product.b_panel = panel;
    product.c_row = shape_.filters;
    product.relu = relu;
    for (int64_t g = 0; g < shape_.groups; ++g) {
      product.a = rounded + g * channels;
      product.b = pairs(panels) + g * panels_of(kernel_.outputs) * panel;
      product.c = outputs + n * shape_.window.outputs() * shape_.filters + g * kernel_.outputs;
      product.bias = bias ? bias + g * kernel_.outputs : nullptr;
      multiply(product);
    }
  }
}

void Bfloat16Convolution::inputs(int64_t images, const float* outputs, const float* panels, const float* bias,
                                 bool relu, float* inputs, void* scratch) const {
  auto* rounded = static_cast<Bfloat16*>(scratch);
  const int64_t filters = in_steps(kernel_.outputs), panel = kernel_.taps * filters * kPanel;
  for (int64_t n = 0; n < images; n += band_.images) {
    const int64_t together = std::min(band_.images, images - n);
    gradients_.round(outputs + n * shape_.window.outputs() * shape_.filters, together, rounded);
    for (const ProductPath& phase : backward_.phases) {
      Bfloat16Product product = along(phase, together);
      product.columns = kernel_.inputs;
      product.a_row = shape_.groups * filters;
      product.b_panel = panel;
      product.c_row = shape_.window.width.stride * shape_.channels;
      product.relu = relu;
      for (int64_t g = 0; g < shape_.groups; ++g) {
        product.a = rounded + g * filters;
        product.b = pairs(panels) + g * panels_of(kernel_.inputs) * panel + phase.b_start * kPanel;
        product.c = inputs + n * shape_.window.inputs() * shape_.channels + g * kernel_.inputs;
        product.bias = bias ? bias + g * kernel_.inputs : nullptr;
        multiply(product);
      }
    }
  }
}

// Rows are channels, for each tap those that it reads; sums run over output positions.
Bfloat16Product Bfloat16Convolution::sums(bool accumulate) const {
  Bfloat16Product product;
  product.rows = kernel_.inputs;
  product.columns = kernel_.outputs;
  product.groups = kernel_.taps;
  product.a_groups = tap_places_.data();
  product.c_groups = tap_panels_.data();
  product.a_segments = row_places_.data();
  product.c_row = kPanel;
  product.c_panel = kernel_.taps * kernel_.inputs * kPanel;
  product.c_padded = true;
  product.accumulate = accumulate;
  return product;
}

void Bfloat16Convolution::add_up(Bfloat16Product& product, const Bfloat16* turned, const Bfloat16* paired,
                                 float* panels) const {
  for (int64_t g = 0; g < shape_.groups; ++g) {
    product.a = turned + g * kernel_.inputs * product.a_row;
    product.b = paired + g * panels_of(kernel_.outputs) * product.b_panel;
    product.c = panels + g * panels_of(kernel_.outputs) * product.c_panel;
    multiply(product);
  }
  product.accumulate = true;
}

void Bfloat16Convolution::gradient(int64_t images, const float* inputs, const float* outputs, float* panels,
                                   bool accumulate, void* scratch) const {
  auto* rounded = static_cast<Bfloat16*>(scratch);
  if (flat()) gradient_of_positions(images * shape_.window.width.output, inputs, outputs, panels, accumulate, rounded);
  else gradient_of_rows(images, inputs, outputs, panels, accumulate, rounded);
}

void Bfloat16Convolution::gradient_of_rows(int64_t images, const float* inputs, const float* outputs, float* panels,
                                           bool accumulate, Bfloat16* scratch) const {
  const int64_t all = rows_of_positions(), image = shape_.window.inputs() * shape_.channels;
  const int64_t row = shape_.window.width.output * shape_.filters;  // of output positions
  Bfloat16Product product = sums(accumulate);
  product.a_row = transposed_.channel_count();
  product.length = length_;
  for (int64_t n = 0; n < images; n += band_.images)
    for (int64_t first = 0; first < all; first += band_.rows) {
      const int64_t together = std::min(band_.images, images - n), rows = std::min(band_.rows, all - first);
      product.segments = together * rows;
      product.b_panel = product.segments * length_ * kPanel;
      Bfloat16* turned = scratch + product.segments * pairs_of_row();
      if (rows == all) transposed_.round(inputs + n * image, together, turned);
      else transposed_.round_plane(inputs + n * image, first * shape_.window.height.stride, input_rows(rows), turned);
      const float* from = outputs + (n * all + first) * row;
      for (int64_t r = 0; r < product.segments; ++r)
        for (int64_t g = 0; g < shape_.groups; ++g)
          round_pairs(from + r * row + g * kernel_.outputs, shape_.filters, shape_.window.width.output, kernel_.outputs,
                      scratch + g * panels_of(kernel_.outputs) * product.b_panel + r * length_ * kPanel,
                      product.b_panel, length_);
      add_up(product, turned, scratch, panels);
    }
}

void Bfloat16Convolution::gradient_of_positions(int64_t positions, const float* inputs, const float* outputs,
                                                float* panels, bool accumulate, Bfloat16* scratch) const {
  Bfloat16Product product = sums(accumulate);
  for (int64_t first = 0; first < positions; first += length_) {
    const int64_t count = std::min(length_, positions - first);
    product.length = product.a_row = in_steps(count);
    product.b_panel = product.length * kPanel;
    Bfloat16* turned = scratch + product.length * kernel_.groups * in_panels(kernel_.outputs);
    round_transposed(inputs + first * shape_.channels, shape_.channels, count, shape_.channels, turned, product.a_row,
                     product.length);
    for (int64_t g = 0; g < shape_.groups; ++g)
      round_pairs(outputs + first * shape_.filters + g * kernel_.outputs, shape_.filters, count, kernel_.outputs,
                  scratch + g * panels_of(kernel_.outputs) * product.b_panel, product.b_panel, product.length);
    add_up(product, turned, scratch, panels);
  }
}

}  // namespace batchwise
