// Images rounded row by row.
#include "kernels/bfloat16_images.h"

#include <algorithm>

#include "kernels/product/bfloat16_packing.h"

namespace batchwise {

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
        else round_rows(images, channels, width.size * groups, channels, to, padded, padded);
        to += width.size * margined.channels;
        zeros(tail);
      }
      zeros(height.after * margined.row_count());
    }
    zeros(depth.after * margined.plane_count());
  }
}

void TransposedImages::round(const float* images, int64_t number, Bfloat16* to) const {
  const auto zeros = [&](int64_t count) { to = std::fill_n(to, count, Bfloat16{0}); };
  for (int64_t n = 0; n < number; ++n) {
    zeros(depth.before * plane_count());
    for (int64_t d = 0; d < depth.size; ++d) {
      zeros(height.before * row_count());
      for (int64_t h = 0; h < height.size; ++h, images += width.size * channels, to += row_count())
        for (int64_t phase = 0; phase < stride; ++phase) {
          // Positions of this phase, counted from the margin's beginning: first, first + stride, ...
          const int64_t margin = width.before > phase ? (width.before - phase + stride - 1) / stride : 0;
          const int64_t first = margin * stride + phase - width.before;
          const int64_t there = first < width.size ? (width.size - first + stride - 1) / stride : 0;
          const int64_t positions = std::min(there, length - margin);
          Bfloat16* rows = to + phase * length;
          for (int64_t c = 0; c < channels; ++c) std::fill_n(rows + c * channel_count(), margin, Bfloat16{0});
          round_transposed(images + first * channels, stride * channels, positions, channels, rows + margin,
                           channel_count(), length - margin);
        }
      zeros(height.after * row_count());
    }
    zeros(depth.after * plane_count());
  }
}

}  // namespace batchwise
