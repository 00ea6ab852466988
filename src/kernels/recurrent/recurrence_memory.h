// Where a recurrence keeps what: from forward to backward, and within one call.
#pragma once

#include "kernels/recurrent/floats.h"
#include "kernels/recurrent/recurrence.h"

namespace batchwise {

inline constexpr int64_t kStepsTogether =
    16;  // whose inputs are one product: enough rows for its tiles, few enough for a cache

struct RecurrenceMemory {
  // map_scratch: bytes that a call of a map uses.
  RecurrenceMemory(const RecurrenceOptions& options, const StepLayout& layout, int64_t map_scratch);

  bool whole;  // the gates of all steps are there at once, else those of kStepsTogether
  FloatPlaces saved, forward, backward;
  // Of forward; the first three in `saved` where a backward pass follows, else in `forward`, with two states in turn.
  Floats gates, h, c, first_forward, x_factors, x_dropped, h_factors, h_dropped, maps_forward;
  // Of backward.
  Floats dgates, dh, dc, reset, first_backward, sums, maps_backward;
  Floats x_factors_backward, x_dropped_backward, h_factors_backward, h_dropped_backward;
};

}  // namespace batchwise
