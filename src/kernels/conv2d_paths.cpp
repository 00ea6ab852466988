// Offsets of a convolution's products.
#include "kernels/conv2d_paths.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace batchwise {
namespace {

// Positions along one axis that are alike modulo the stride, as the gradient of the input sees them.
struct Phase {
  int64_t first = 0;           // input position
  int64_t count = 0;           // positions first, first + stride, ...
  std::vector<int64_t> taps;   // descending, so that what they read ascends
  std::vector<int64_t> reads;  // per tap: the output position that `first` reads, maybe outside
};

std::vector<Phase> phases_of(const WindowAxis& axis) {
  std::vector<Phase> phases;
  for (int64_t remainder = 0; remainder < axis.stride; ++remainder) {
    Phase phase;
    phase.first = ((remainder - axis.before) % axis.stride + axis.stride) % axis.stride;
    if (phase.first >= axis.input) continue;
    phase.count = (axis.input - 1 - phase.first) / axis.stride + 1;
    for (int64_t tap = axis.window - 1; tap >= 0; --tap)
      if (tap * axis.dilation % axis.stride == remainder) {
        phase.taps.push_back(tap);
        phase.reads.push_back((phase.first + axis.before - tap * axis.dilation) / axis.stride);
      }
    phases.push_back(std::move(phase));
  }
  return phases;
}

struct Margin {
  int64_t before = 0, after = 0;
};

Margin margin_of(const std::vector<Phase>& phases, int64_t outputs) {
  Margin margin;
  for (const Phase& phase : phases)
    for (int64_t read : phase.reads) {
      margin.before = std::max(margin.before, -read);
      margin.after = std::max(margin.after, read + phase.count - outputs);
    }
  return margin;
}

}  // namespace

const float* MarginedImages::margined(const float* images, int64_t number, float* scratch) const {
  if (!needs_copy()) return images;
  const int64_t inner = width * channels, head = left * channels, tail = right * channels;
  float* to = scratch;
  for (int64_t n = 0; n < number; ++n) {
    to = std::fill_n(to, top * row_count(), 0.0f);
    for (int64_t h = 0; h < height; ++h) {
      to = std::fill_n(to, head, 0.0f);
      std::memcpy(to, images, static_cast<size_t>(inner) * sizeof(float));
      to = std::fill_n(to + inner, tail, 0.0f);
      images += inner;
    }
    to = std::fill_n(to, bottom * row_count(), 0.0f);
  }
  return scratch;
}

ForwardPath forward_path(const ConvolutionShape& shape, int64_t grain) {
  const auto& [height, width] = shape.window;
  ForwardPath forward;
  forward.images = {height.input, width.input, shape.channels, height.before, height.after, width.before, width.after};
  const int64_t row = forward.images.row_count();
  ProductPath& path = forward.path;
  path.rows = width.output;
  path.groups_per_image = height.output;
  for (int64_t n = 0; n < grain; ++n)
    for (int64_t h = 0; h < height.output; ++h) {
      path.a_groups.push_back(n * forward.images.count() + h * height.stride * row);
      path.c_groups.push_back((n * height.output + h) * width.output * shape.filters);
    }
  forward.whole_rows = shape.groups == 1 && width.dilation == 1;
  path.segment_length = shape.channels / shape.groups * (forward.whole_rows ? width.window : 1);
  for (int64_t kh = 0; kh < height.window; ++kh)
    for (int64_t kw = 0; kw < (forward.whole_rows ? 1 : width.window); ++kw)
      path.segments.push_back(kh * height.dilation * row + kw * width.dilation * shape.channels);
  return forward;
}

BackwardPaths backward_paths(const ConvolutionShape& shape, int64_t grain) {
  const auto& [height, width] = shape.window;
  const std::vector<Phase> down = phases_of(height), across = phases_of(width);
  const Margin vertical = margin_of(down, height.output), horizontal = margin_of(across, width.output);
  BackwardPaths backward;
  MarginedImages& gradients = backward.gradients;
  gradients = {height.output,  width.output,      shape.filters,   vertical.before,
               vertical.after, horizontal.before, horizontal.after};
  const int64_t outputs = shape.filters / shape.groups, row = gradients.row_count();
  const bool adjacent = shape.groups == 1 && width.dilation / std::gcd(width.dilation, width.stride) == 1;
  for (const Phase& v : down)
    for (const Phase& u : across) {
      ProductPath path;
      path.rows = u.count;
      path.groups_per_image = v.count;
      for (int64_t n = 0; n < grain; ++n)
        for (int64_t i = 0; i < v.count; ++i) {
          path.a_groups.push_back(n * gradients.count() + (gradients.top + i) * row + gradients.left * shape.filters);
          path.c_groups.push_back(((n * height.input + v.first + i * height.stride) * width.input + u.first) *
                                  shape.channels);
        }
      path.b_start = static_cast<int64_t>(backward.tap_order.size()) * outputs;
      const size_t joined = adjacent ? std::max<size_t>(1, u.taps.size()) : 1;
      path.segment_length = outputs * static_cast<int64_t>(joined);
      for (size_t kh = 0; kh < v.taps.size(); ++kh)
        for (size_t kw = 0; kw < u.taps.size(); ++kw) {
          if (kw % joined == 0) path.segments.push_back(v.reads[kh] * row + u.reads[kw] * shape.filters);
          backward.tap_order.push_back(v.taps[kh] * width.window + u.taps[kw]);
        }
      backward.phases.push_back(std::move(path));
    }
  return backward;
}

}  // namespace batchwise
