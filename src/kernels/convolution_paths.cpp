// Offsets of a convolution's products.
#include "kernels/convolution_paths.h"

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

Margined margin_of(const std::vector<Phase>& phases, int64_t outputs) {
  Margined margin{outputs};
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
  const int64_t inner = width.size * channels, head = width.before * channels, tail = width.after * channels;
  float* to = scratch;
  for (int64_t n = 0; n < number; ++n) {
    to = std::fill_n(to, depth.before * plane_count(), 0.0f);
    for (int64_t d = 0; d < depth.size; ++d) {
      to = std::fill_n(to, height.before * row_count(), 0.0f);
      for (int64_t h = 0; h < height.size; ++h) {
        to = std::fill_n(to, head, 0.0f);
        std::memcpy(to, images, static_cast<size_t>(inner) * sizeof(float));
        to = std::fill_n(to + inner, tail, 0.0f);
        images += inner;
      }
      to = std::fill_n(to, height.after * row_count(), 0.0f);
    }
    to = std::fill_n(to, depth.after * plane_count(), 0.0f);
  }
  return scratch;
}

ForwardPath forward_path(const ConvolutionShape& shape, int64_t grain) {
  const WindowAxis &depth = shape.window.depth, &height = shape.window.height, &width = shape.window.width;
  const auto margined = [](const WindowAxis& axis) { return Margined{axis.input, axis.before, axis.after}; };
  ForwardPath forward;
  forward.images = {margined(depth), margined(height), margined(width), shape.channels};
  const int64_t row = forward.images.row_count(), plane = forward.images.plane_count();
  ProductPath& path = forward.path;
  path.rows = width.output;
  path.groups_per_image = depth.output * height.output;
  for (int64_t n = 0; n < grain; ++n)
    for (int64_t d = 0; d < depth.output; ++d)
      for (int64_t h = 0; h < height.output; ++h) {
        path.a_groups.push_back(n * forward.images.count() + d * depth.stride * plane + h * height.stride * row);
        path.c_groups.push_back(((n * depth.output + d) * height.output + h) * width.output * shape.filters);
      }
  forward.whole_rows = shape.joined && shape.groups == 1 && width.dilation == 1;
  path.segment_length = shape.channels / shape.groups * (forward.whole_rows ? width.window : 1);
  for (int64_t kd = 0; kd < depth.window; ++kd)
    for (int64_t kh = 0; kh < height.window; ++kh)
      for (int64_t kw = 0; kw < (forward.whole_rows ? 1 : width.window); ++kw)
        path.segments.push_back(kd * depth.dilation * plane + kh * height.dilation * row +
                                kw * width.dilation * shape.channels);
  return forward;
}

namespace {

// The rows of one phase: positions of the input that see the same taps of the output gradients.
ProductPath phase_path(const ConvolutionShape& shape, int64_t grain, const MarginedImages& gradients, const Phase& w,
                       const Phase& v, const Phase& u) {
  const auto& window = shape.window;
  ProductPath path;
  path.rows = u.count;
  path.groups_per_image = w.count * v.count;
  for (int64_t n = 0; n < grain; ++n)
    for (int64_t j = 0; j < w.count; ++j)
      for (int64_t i = 0; i < v.count; ++i) {
        path.a_groups.push_back(n * gradients.count() + (gradients.depth.before + j) * gradients.plane_count() +
                                (gradients.height.before + i) * gradients.row_count() +
                                gradients.width.before * shape.filters);
        const int64_t depth = n * window.depth.input + w.first + j * window.depth.stride;
        const int64_t height = depth * window.height.input + v.first + i * window.height.stride;
        path.c_groups.push_back((height * window.width.input + u.first) * shape.channels);
      }
  return path;
}

}  // namespace

BackwardPaths backward_paths(const ConvolutionShape& shape, int64_t grain) {
  const WindowAxis &depth = shape.window.depth, &height = shape.window.height, &width = shape.window.width;
  const std::vector<Phase> inward = phases_of(depth), down = phases_of(height), across = phases_of(width);
  BackwardPaths backward;
  MarginedImages& gradients = backward.gradients;
  gradients = {margin_of(inward, depth.output), margin_of(down, height.output), margin_of(across, width.output),
               shape.filters};
  const int64_t outputs = shape.filters / shape.groups;
  const bool adjacent =
      shape.joined && shape.groups == 1 && width.dilation / std::gcd(width.dilation, width.stride) == 1;
  for (const Phase& w : inward)
    for (const Phase& v : down)
      for (const Phase& u : across) {
        ProductPath path = phase_path(shape, grain, gradients, w, v, u);
        path.b_start = static_cast<int64_t>(backward.tap_order.size()) * outputs;
        const size_t joined = adjacent ? std::max<size_t>(1, u.taps.size()) : 1;
        path.segment_length = outputs * static_cast<int64_t>(joined);
        for (size_t kd = 0; kd < w.taps.size(); ++kd)
          for (size_t kh = 0; kh < v.taps.size(); ++kh)
            for (size_t kw = 0; kw < u.taps.size(); ++kw) {
              if (kw % joined == 0)
                path.segments.push_back(w.reads[kd] * gradients.plane_count() + v.reads[kh] * gradients.row_count() +
                                        u.reads[kw] * shape.filters);
              backward.tap_order.push_back((w.taps[kd] * height.window + v.taps[kh]) * width.window + u.taps[kw]);
            }
        backward.phases.push_back(std::move(path));
      }
  // Of an axis shorter than its stride some taps meet no position: no path reads them, but the kernel holds them all.
  for (int64_t tap = 0; tap < shape.window.taps(); ++tap)
    if (std::find(backward.tap_order.begin(), backward.tap_order.end(), tap) == backward.tap_order.end())
      backward.tap_order.push_back(tap);
  return backward;
}

}  // namespace batchwise
