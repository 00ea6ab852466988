// Images rounded row by row.
#include "kernels/bfloat16_images.h"

#include <algorithm>

#include "kernels/product/bfloat16_packing.h"

namespace batchwise {

// Few channels a position are first laid out as they will be, some positions at a time: rounding likes long runs.
void RoundedImages::round_padded(const float* positions, int64_t count, int64_t padded, Bfloat16* to) const {
  constexpr int64_t kTogether = 512;  // floats
  if (padded > kTogether / 4) return round_rows(positions, channels, count, channels, to, padded, padded);
  float together[kTogether] = {};
  const int64_t most = kTogether / padded;
  for (int64_t i = 0; i < count; i += most) {
    const int64_t some = std::min(most, count - i);
    for (int64_t k = 0; k < some; ++k)
      for (int64_t c = 0; c < channels; ++c) together[k * padded + c] = positions[(i + k) * channels + c];
    round_values(together, some * padded, to + i * padded);
  }
}

void RoundedImages::round(const float* images, int64_t number, Bfloat16* to) const {
  const Margined &depth = margined.depth, &height = margined.height, &width = margined.width;
  const int64_t padded = margined.channels / groups, head = width.before * margined.channels,
                tail = width.after * margined.channels, row = width.size * channels * groups;
  const auto zeros = [&](int64_t count) { to = std::fill_n(to, count, Bfloat16{0}); };
  for (int64_t n = 0; n < number; ++n) {
    zeros(depth.before * margined.plane_count());
    for (int64_t d = 0; d < depth.size; ++d) {
      zeros(height.before * margined.row_count());
      for (int64_t h = 0; h < height.size; ++h, images += row) {
        zeros(head);
        if (padded == channels) round_values(images, row, to);
        else round_padded(images, width.size * groups, padded, to);
        to += width.size * margined.channels;
        zeros(tail);
      }
      zeros(height.after * margined.row_count());
    }
    zeros(depth.after * margined.plane_count());
  }
}

void TransposedImages::round_row(const float* row, Bfloat16* to) const {
  for (int64_t phase = 0; phase < stride; ++phase) {
    // Positions of this phase, counted from the margin's beginning: first, first + stride, ...
    const int64_t margin = width.before > phase ? (width.before - phase + stride - 1) / stride : 0;
    const int64_t first = margin * stride + phase - width.before;
    const int64_t there = first < width.size ? (width.size - first + stride - 1) / stride : 0;
    Bfloat16* rows = to + phase * length;
    for (int64_t c = 0; c < channels; ++c) std::fill_n(rows + c * channel_count(), margin, Bfloat16{0});
    round_transposed(row + first * channels, stride * channels, std::min(there, length - margin), channels,
                     rows + margin, channel_count(), length - margin);
  }
}

void TransposedImages::round_plane(const float* plane, int64_t first, int64_t count, Bfloat16* to) const {
  for (int64_t h = first - height.before; h < first + count - height.before; ++h, to += row_count()) {
    if (h >= 0 && h < height.size) round_row(plane + h * width.size * channels, to);
    else std::fill_n(to, row_count(), Bfloat16{0});
  }
}

void TransposedImages::round(const float* images, int64_t number, Bfloat16* to) const {
  for (int64_t n = 0; n < number; ++n)
    for (int64_t d = -depth.before; d < depth.size + depth.after; ++d, to += plane_count()) {
      if (d < 0 || d >= depth.size) {
        std::fill_n(to, plane_count(), Bfloat16{0});
        continue;
      }
      round_plane(images, 0, height.whole(), to);
      images += height.size * width.size * channels;
    }
}

}  // namespace batchwise
