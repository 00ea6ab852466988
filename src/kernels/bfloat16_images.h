// Images rounded to bfloat16 as products read them: among zeros, and with the positions of a row side by side.
#pragma once

#include "kernels/convolution_paths.h"
#include "kernels/product/bfloat16_product.h"

namespace batchwise {

// Images (volumes) with a margin of zeros, the channels of each group padded to whole steps. `margined` counts the
// padded channels of all groups.
struct RoundedImages {
  MarginedImages margined;
  int64_t channels = 0;  // of one group, as given
  int64_t groups = 1;

  int64_t scratch_bytes(int64_t images) const {
    return images * margined.count() * static_cast<int64_t>(sizeof(Bfloat16));
  }
  void round(const float* images, int64_t number, Bfloat16* to) const;

 private:
  void round_padded(const float* positions, int64_t count, int64_t padded, Bfloat16* to) const;
};

// The same for sums over positions: (depth, height, channel, phase, positions), margins counted. A phase holds every
// stride-th position of a row.
struct TransposedImages {
  Margined depth, height, width;
  int64_t channels = 0;  // of all groups
  int64_t stride = 1;    // along the width
  int64_t length = 0;    // positions of a phase, padding counted

  int64_t channel_count() const { return stride * length; }
  int64_t row_count() const { return channels * channel_count(); }
  int64_t plane_count() const { return height.whole() * row_count(); }
  int64_t count() const { return depth.whole() * plane_count(); }
  void round(const float* images, int64_t number, Bfloat16* to) const;
  // Rows [first, first + count) of one plane, margins counted.
  void round_plane(const float* plane, int64_t first, int64_t count, Bfloat16* to) const;

 private:
  void round_row(const float* row, Bfloat16* to) const;
};

}  // namespace batchwise
