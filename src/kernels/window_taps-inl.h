// What each position of a pooling's output sees of its input, and vectors of channels there.
// Included once per target: toggled guard.
#if defined(BATCHWISE_WINDOW_TAPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BATCHWISE_WINDOW_TAPS_INL_H_
#undef BATCHWISE_WINDOW_TAPS_INL_H_
#else
#define BATCHWISE_WINDOW_TAPS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "kernels/window.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
using Integers = hn::RebindToSigned<Lanes>;
using Vector = hn::Vec<Lanes>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Lanes()));

// The part of a window that lies inside the input.
struct Inside {
  int64_t input = 0;  // position of tap `first`
  int64_t first = 0, last = 0;
};

inline Inside inside(const WindowAxis& axis, int64_t output) {
  if (axis.adaptive) {
    const int64_t start = output * axis.input / axis.output;
    return {start, 0, ((output + 1) * axis.input + axis.output - 1) / axis.output - start};
  }
  const int64_t start = output * axis.stride - axis.before;
  const int64_t first = start < 0 ? -start : 0;
  return {start + first, first, std::min(axis.window, axis.input - start)};
}

// The part of the window of one output position that lies inside.
struct Seen {
  Inside planes, rows, columns;
  int64_t first_tap(const Window& window) const {
    return (planes.first * window.height.window + rows.first) * window.width.window + columns.first;
  }
  int64_t positions() const {
    return (planes.last - planes.first) * (rows.last - rows.first) * (columns.last - columns.first);
  }
};

// Calls body(position of the output, what it sees) for each output position.
template <class Body>
void for_outputs(const Window& window, const Body& body) {
  int64_t position = 0;
  for (int64_t d = 0; d < window.depth.output; ++d) {
    const Inside planes = inside(window.depth, d);
    for (int64_t h = 0; h < window.height.output; ++h) {
      const Inside rows = inside(window.height, h);
      for (int64_t w = 0; w < window.width.output; ++w, ++position)
        body(position, Seen{planes, rows, inside(window.width, w)});
    }
  }
}

// Calls body(offset of the input's channels, tap) for each tap inside.
template <class Body>
HWY_INLINE void for_taps(const Window& window, int64_t channels, const Seen& seen, const Body& body) {
  for (int64_t kd = seen.planes.first; kd < seen.planes.last; ++kd)
    for (int64_t kh = seen.rows.first; kh < seen.rows.last; ++kh) {
      const int64_t plane = seen.planes.input + kd - seen.planes.first;
      const int64_t row = (plane * window.height.input + seen.rows.input + kh - seen.rows.first) * window.width.input;
      const int64_t tap = (kd * window.height.window + kh) * window.width.window;
      for (int64_t kw = seen.columns.first; kw < seen.columns.last; ++kw)
        body((row + seen.columns.input + kw - seen.columns.first) * channels, tap + kw);
    }
}

// Calls body(first channel, number of channels) for vectors of channels.
template <class Body>
HWY_INLINE void for_channels(int64_t channels, const Body& body) {
  for (int64_t c = 0; c < channels; c += kLanes) body(c, std::min(kLanes, channels - c));
}

HWY_INLINE Vector load(const float* from, int64_t count) {
  const Lanes d;
  return count == kLanes ? hn::LoadU(d, from) : hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(count)), d, from);
}
HWY_INLINE void store(Vector value, float* to, int64_t count) {
  const Lanes d;
  if (count == kLanes) hn::StoreU(value, d, to);
  else hn::BlendedStore(value, hn::FirstN(d, static_cast<size_t>(count)), d, to);
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
