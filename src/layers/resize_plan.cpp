// Turns the plan of an axis into taps that lie inside the image, and the share of each output that lies outside.
#include "layers/resize_plan.h"

#include <algorithm>

#include "images/resize_axis.h"

namespace batchwise {
namespace {

// `span`: what is resized, in positions of the image; it may begin before the image and end behind it.
SampledAxis sampled(const ResizeRequest& request, const ResizeSpan& span, int64_t size, int64_t outputs) {
  ResizeAxis plan;
  plan_axis(request.interpolation, {0, span.length}, outputs, 1, plan, request.antialias);
  SampledAxis axis;
  axis.outputs = outputs;
  axis.taps = std::min(plan.taps, size);
  const bool inside = span.first >= 0 && span.first + span.length <= size;
  for (int64_t o = 0; o < outputs; ++o) {
    std::vector<float> weights(static_cast<size_t>(axis.taps));
    const int64_t begin = span.first + static_cast<int64_t>(plan.first[static_cast<size_t>(o)]);
    const int64_t first = std::clamp<int64_t>(begin, 0, size - axis.taps);
    float outside = 0;
    for (int64_t k = 0; k < plan.taps; ++k) {
      const float t = plan.linear ? plan.weights[static_cast<size_t>(o)] : 0;
      const float weight = plan.linear ? (k == 0 ? 1 - t : t) : plan.weights[static_cast<size_t>(o * plan.taps + k)];
      const int64_t place = begin + k - first;
      if (place >= 0 && place < axis.taps) weights[static_cast<size_t>(place)] += weight;
      else outside += weight;
    }
    axis.first.push_back(static_cast<int32_t>(first));
    axis.weights.insert(axis.weights.end(), weights.begin(), weights.end());
    if (!inside) axis.outside.push_back(outside);
  }
  return axis;
}

int64_t in_ratio(int64_t length, int64_t numerator, int64_t denominator) {
  return static_cast<int64_t>(static_cast<float>(length * numerator) / static_cast<float>(denominator));
}

}  // namespace

ResizePlan plan_resize(const ResizeRequest& request, const Shape& image) {
  const int64_t height = image[0], width = image[1];
  ResizeSpan rows{0, height}, columns{0, width};
  if (request.crop_to_aspect_ratio) {
    rows.length = std::max<int64_t>(std::min(height, in_ratio(width, request.height, request.width)), 1);
    columns.length = std::max<int64_t>(std::min(width, in_ratio(height, request.width, request.height)), 1);
  } else if (request.pad_to_aspect_ratio) {
    // Keras adds as much on either side: an odd number is cut by one.
    const auto padded = [](int64_t length, int64_t wanted) {
      return length + std::max<int64_t>(wanted - length, 0) / 2 * 2;
    };
    rows.length = padded(height, in_ratio(width, request.height, request.width));
    columns.length = padded(width, in_ratio(height, request.width, request.height));
  }
  // Halves are cut towards zero, of what is left over and of what is added.
  rows.first = (height - rows.length) / 2;
  columns.first = (width - columns.length) / 2;
  return {sampled(request, rows, height, request.height), sampled(request, columns, width, request.width)};
}

SampledAxis window_axis(int64_t first, int64_t length) {
  SampledAxis axis;
  axis.outputs = length;
  for (int64_t o = 0; o < length; ++o) axis.first.push_back(static_cast<int32_t>(first + o));
  axis.weights.assign(static_cast<size_t>(length), 1.0f);
  return axis;
}

}  // namespace batchwise
