// Max pooling of windows, compiled for each instruction set.
#include "kernels/pooling_passes.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/max_pooling_passes.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep

#include "kernels/window_taps-inl.h"

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

// The positions of one axis whose windows lie inside whole: [first, last).
struct WholeRange {
  int64_t first = 0, last = 0;
};
WholeRange whole_range(const WindowAxis& axis) {
  if (axis.adaptive) return {};
  const int64_t first = (axis.before + axis.stride - 1) / axis.stride;
  const int64_t last = (axis.input + axis.before - axis.window) / axis.stride + 1;
  return {first, axis.input + axis.before < axis.window ? first : std::clamp(last, first, axis.output)};
}

// The commonest windows, 2 x 2 and 3 x 3 within an image, have a loop of their own that knows their number of taps.
constexpr int64_t kMostUnrolled = 9;

// Where the taps of a window lie, from its first; and which outputs see all of them.
struct WholeWindows {
  WholeRange rows, columns;
  int64_t taps = 0;  // 0: none are known
  int64_t offsets[kMostUnrolled] = {};

  WholeWindows(const Window& window, int64_t channels) {
    if (window.depth.output != 1 || window.depth.input != 1 || window.depth.window != 1) return;
    if (window.taps() != 4 && window.taps() != 9) return;
    rows = whole_range(window.height);
    columns = whole_range(window.width);
    if (rows.last <= rows.first || columns.last <= columns.first) return;
    for (int64_t kh = 0; kh < window.height.window; ++kh)
      for (int64_t kw = 0; kw < window.width.window; ++kw) offsets[taps++] = (kh * window.width.input + kw) * channels;
  }
  bool have(int64_t h) const { return taps > 0 && h >= rows.first && h < rows.last; }
};

template <class Index>
HWY_INLINE void store_winners(Vector winner, Index* to, int64_t count) {
  const hn::Rebind<Index, Lanes> narrow;
  const auto index = hn::DemoteTo(narrow, hn::ConvertTo(Integers(), winner));
  if (count == kLanes) return hn::StoreU(index, narrow, to);
  Index lanes[kLanes];
  hn::StoreU(index, narrow, lanes);
  std::copy_n(lanes, count, to);
}

template <class Index>
HWY_INLINE Vector load_winners(const Index* from, int64_t count) {
  const hn::Rebind<Index, Lanes> narrow;
  Index lanes[kLanes] = {};
  if (count < kLanes) from = std::copy_n(from, count, lanes) - count;
  return hn::ConvertTo(Lanes(), hn::PromoteTo(Integers(), hn::LoadU(narrow, from)));
}

struct Best {
  Vector value, winner;
  // Each tap in its order: of equal values the first wins, and NaN stays.
  HWY_INLINE void meet(Vector other, float tap) {
    const auto wins = hn::Or(hn::Gt(other, value), hn::IsNaN(other));
    value = hn::IfThenElse(wins, other, value);
    winner = hn::IfThenElse(wins, hn::Set(Lanes(), tap), winner);
  }
};

template <int kTaps, class Index>
void max_forward_whole(const int64_t* offsets, int64_t channels, const float* input, float* output, Index* winners) {
  for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
    Best best{load(input + c, count), hn::Zero(Lanes())};
#pragma GCC unroll 9
    for (int t = 1; t < kTaps; ++t) best.meet(load(input + offsets[t] + c, count), static_cast<float>(t));
    store(best.value, output + c, count);
    store_winners(best.winner, winners + c, count);
  });
}

template <int kTaps, class Index>
void max_backward_whole(const int64_t* offsets, int64_t channels, const float* output_gradient, const Index* winners,
                        float* input_gradient) {
  const Lanes d;
  for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
    const Vector winner = load_winners(winners + c, count), gradient = load(output_gradient + c, count);
#pragma GCC unroll 9
    for (int t = 0; t < kTaps; ++t)
      store(hn::IfThenElseZero(hn::Eq(winner, hn::Set(d, static_cast<float>(t))), gradient),
            input_gradient + offsets[t] + c, count);
  });
}

template <class Index>
HWY_INLINE void max_forward_seen(const Window& window, int64_t channels, const Seen& seen, const float* input,
                                 float* output, Index* winners) {
  const Lanes d;
  for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
    // The first tap wins over the starting value even when it is -infinity.
    Best best{hn::Set(d, -HUGE_VALF), hn::Set(d, static_cast<float>(seen.first_tap(window)))};
    for_taps(window, channels, seen, [&](int64_t offset, int64_t tap) HWY_ATTR {
      best.meet(load(input + offset + c, count), static_cast<float>(tap));
    });
    store(best.value, output + c, count);
    store_winners(best.winner, winners + c, count);
  });
}

template <class Index>
HWY_INLINE void max_backward_seen(const Window& window, int64_t channels, const Seen& seen, bool overlap,
                                  const float* output_gradient, const Index* winners, float* input_gradient) {
  const Lanes d;
  for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
    const Vector winner = load_winners(winners + c, count), gradient = load(output_gradient + c, count);
    for_taps(window, channels, seen, [&](int64_t offset, int64_t tap) HWY_ATTR {
      float* to = input_gradient + offset + c;
      Vector share = hn::IfThenElseZero(hn::Eq(winner, hn::Set(d, static_cast<float>(tap))), gradient);
      if (overlap) share = hn::Add(load(to, count), share);
      store(share, to, count);
    });
  });
}

// Calls whole(first position of the output, how many behind each other, position of the input that the first reads) for
// those of a row that see whole windows, and part(position, what it sees) for the rest.
template <class Whole, class Part>
void for_rows(const Window& window, const WholeWindows& known, const Whole& whole, const Part& part) {
  const WindowAxis &down = window.height, &across = window.width;
  int64_t position = 0;
  for (int64_t d = 0; d < window.depth.output; ++d) {
    const Inside planes = inside(window.depth, d);
    for (int64_t h = 0; h < down.output; ++h) {
      const Inside rows = inside(down, h);
      const bool some = known.have(h);
      const int64_t first = some ? known.columns.first : across.output, last = some ? known.columns.last : first;
      for (int64_t w = 0; w < first; ++w) part(position + w, Seen{planes, rows, inside(across, w)});
      if (some)
        whole(position + first, last - first, rows.input * across.input + first * across.stride - across.before);
      for (int64_t w = last; w < across.output; ++w) part(position + w, Seen{planes, rows, inside(across, w)});
      position += across.output;
    }
  }
}

template <class Index>
void max_forward(const Window& window, int64_t channels, const float* input, float* output, Index* winners) {
  const WholeWindows known(window, channels);
  const auto forward = known.taps == 4 ? &max_forward_whole<4, Index> : &max_forward_whole<9, Index>;
  for_rows(
      window, known,
      [&](int64_t position, int64_t count, int64_t from) HWY_ATTR {
        for (int64_t w = 0; w < count; ++w)
          forward(known.offsets, channels, input + (from + w * window.width.stride) * channels,
                  output + (position + w) * channels, winners + (position + w) * channels);
      },
      [&](int64_t position, const Seen& seen) HWY_ATTR {
        max_forward_seen(window, channels, seen, input, output + position * channels, winners + position * channels);
      });
}

template <class Index>
void max_backward(const Window& window, int64_t channels, const float* output_gradient, const Index* winners,
                  float* input_gradient) {
  const auto overlaps = [](const WindowAxis& axis) { return axis.adaptive || axis.window > axis.stride; };
  const auto covers = [](const WindowAxis& axis) {
    return axis.window == axis.stride && axis.output * axis.stride - axis.before >= axis.input;
  };
  const bool overlap = overlaps(window.depth) || overlaps(window.height) || overlaps(window.width);
  if (overlap || !covers(window.depth) || !covers(window.height) || !covers(window.width))
    std::fill_n(input_gradient, window.inputs() * channels, 0.0f);
  const auto part = [&](int64_t position, const Seen& seen) HWY_ATTR {
    max_backward_seen(window, channels, seen, overlap, output_gradient + position * channels,
                      winners + position * channels, input_gradient);
  };
  if (overlap) return for_outputs(window, part);
  const WholeWindows known(window, channels);
  const auto backward = known.taps == 4 ? &max_backward_whole<4, Index> : &max_backward_whole<9, Index>;
  for_rows(
      window, known,
      [&](int64_t position, int64_t count, int64_t from) HWY_ATTR {
        for (int64_t w = 0; w < count; ++w)
          backward(known.offsets, channels, output_gradient + (position + w) * channels,
                   winners + (position + w) * channels, input_gradient + (from + w * window.width.stride) * channels);
      },
      part);
}

void max_forward_8(const Window& w, int64_t c, const float* x, float* y, uint8_t* i) { max_forward(w, c, x, y, i); }
void max_forward_16(const Window& w, int64_t c, const float* x, float* y, uint16_t* i) { max_forward(w, c, x, y, i); }
void max_backward_8(const Window& w, int64_t c, const float* dy, const uint8_t* i, float* dx) {
  max_backward(w, c, dy, i, dx);
}
void max_backward_16(const Window& w, int64_t c, const float* dy, const uint16_t* i, float* dx) {
  max_backward(w, c, dy, i, dx);
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(max_forward_8);
HWY_EXPORT(max_forward_16);
HWY_EXPORT(max_backward_8);
HWY_EXPORT(max_backward_16);

template <>
void max_pool_forward(const Window& window, int64_t channels, const float* input, float* output, uint8_t* winners) {
  HWY_DYNAMIC_DISPATCH(max_forward_8)(window, channels, input, output, winners);
}
template <>
void max_pool_forward(const Window& window, int64_t channels, const float* input, float* output, uint16_t* winners) {
  HWY_DYNAMIC_DISPATCH(max_forward_16)(window, channels, input, output, winners);
}
template <>
void max_pool_backward(const Window& window, int64_t channels, const float* output_gradient, const uint8_t* winners,
                       float* input_gradient) {
  HWY_DYNAMIC_DISPATCH(max_backward_8)(window, channels, output_gradient, winners, input_gradient);
}
template <>
void max_pool_backward(const Window& window, int64_t channels, const float* output_gradient, const uint16_t* winners,
                       float* input_gradient) {
  HWY_DYNAMIC_DISPATCH(max_backward_16)(window, channels, output_gradient, winners, input_gradient);
}

}  // namespace batchwise
#endif
