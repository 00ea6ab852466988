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
  int64_t taps = 0;             // source positions that each output looks at, one after another; at most the span's
  std::vector<uint32_t> first;  // of the taps: positions in the source times `step`; never decreasing
  // Linear: one number t per output, a + (b - a) t of two taps. Otherwise `taps` weights per output.
  bool linear = false;
  std::vector<float> weights;
};

// Fills `axis`, whose memory is used again. `step`: elements from one position to the next. REQUIRES: all lengths are
// positive.
void plan_axis(Interpolation interpolation, const ResizeSpan& span, int64_t outputs, int64_t step, ResizeAxis& axis);

}  // namespace batchwise
