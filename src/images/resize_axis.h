// One axis of a resize: which source positions each output position is made of, and with which weights.
#pragma once

#include <cstdint>
#include <vector>

#include "images/interpolation.h"

namespace batchwise {

// The part of the source that is resized: `length` positions from `first` on.
struct ResizeSpan {
  int64_t first = 0, length = 0;
};

struct ResizeAxis {
  int64_t outputs = 0;
  int64_t taps = 0;            // source positions that each output looks at, one after another; at most the span's
  std::vector<int32_t> first;  // of the taps, in the source; never decreasing
  // Linear: one number t per output, a + (b - a) t of two taps. Otherwise `taps` weights per output.
  bool linear = false;
  std::vector<float> weights;
};

// Fills `axis`, whose memory is used again. REQUIRES: all lengths are positive.
void plan_axis(Interpolation interpolation, const ResizeSpan& span, int64_t outputs, ResizeAxis& axis);

}  // namespace batchwise
