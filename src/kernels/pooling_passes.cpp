// Window pooling, compiled for each instruction set.
#include "kernels/pooling_passes.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/pooling_passes.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

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

Inside inside(const WindowAxis& axis, int64_t output) {
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

template <class Index>
void max_forward(const Window& window, int64_t channels, const float* input, float* output, Index* winners) {
  const Lanes d;
  const hn::Rebind<Index, Lanes> narrow;
  for_outputs(window, [&](int64_t position, const Seen& seen) HWY_ATTR {
    for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
      Vector best = hn::Set(d, -HUGE_VALF);
      // The first tap wins over the starting value even when it is -infinity.
      Vector winner = hn::Set(d, static_cast<float>(seen.first_tap(window)));
      for_taps(window, channels, seen, [&](int64_t offset, int64_t tap) HWY_ATTR {
        const Vector value = load(input + offset + c, count);
        const auto wins = hn::Or(hn::Gt(value, best), hn::IsNaN(value));
        best = hn::IfThenElse(wins, value, best);
        winner = hn::IfThenElse(wins, hn::Set(d, static_cast<float>(tap)), winner);
      });
      store(best, output + position * channels + c, count);
      const auto index = hn::DemoteTo(narrow, hn::ConvertTo(Integers(), winner));
      Index* to = winners + position * channels + c;
      if (count == kLanes) {
        hn::StoreU(index, narrow, to);
      } else {
        Index lanes[kLanes];
        hn::StoreU(index, narrow, lanes);
        std::copy_n(lanes, count, to);
      }
    });
  });
}

template <class Index>
void max_backward(const Window& window, int64_t channels, const float* output_gradient, const Index* winners,
                  float* input_gradient) {
  const Lanes d;
  const hn::Rebind<Index, Lanes> narrow;
  const auto overlaps = [](const WindowAxis& axis) { return axis.window > axis.stride; };
  const bool overlap = overlaps(window.depth) || overlaps(window.height) || overlaps(window.width);
  std::fill_n(input_gradient, window.inputs() * channels, 0.0f);
  for_outputs(window, [&](int64_t position, const Seen& seen) HWY_ATTR {
    for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
      const Index* from = winners + position * channels + c;
      Index lanes[kLanes] = {};
      if (count < kLanes) from = std::copy_n(from, count, lanes) - count;
      const Vector winner = hn::ConvertTo(d, hn::PromoteTo(Integers(), hn::LoadU(narrow, from)));
      const Vector gradient = load(output_gradient + position * channels + c, count);
      for_taps(window, channels, seen, [&](int64_t offset, int64_t tap) HWY_ATTR {
        float* to = input_gradient + offset + c;
        Vector share = hn::IfThenElseZero(hn::Eq(winner, hn::Set(d, static_cast<float>(tap))), gradient);
        if (overlap) share = hn::Add(load(to, count), share);
        store(share, to, count);
      });
    });
  });
}

void average_forward(const Window& window, int64_t channels, const float* input, float* output) {
  for_outputs(window, [&](int64_t position, const Seen& seen) HWY_ATTR {
    const Vector number = hn::Set(Lanes(), static_cast<float>(seen.positions()));
    for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
      Vector sum = hn::Zero(Lanes());
      for_taps(window, channels, seen,
               [&](int64_t offset, int64_t) HWY_ATTR { sum = hn::Add(sum, load(input + offset + c, count)); });
      store(hn::Div(sum, number), output + position * channels + c, count);
    });
  });
}

void average_backward(const Window& window, int64_t channels, const float* output_gradient, float* input_gradient) {
  std::fill_n(input_gradient, window.inputs() * channels, 0.0f);
  for_outputs(window, [&](int64_t position, const Seen& seen) HWY_ATTR {
    const Vector number = hn::Set(Lanes(), static_cast<float>(seen.positions()));
    for_channels(channels, [&](int64_t c, int64_t count) HWY_ATTR {
      const Vector share = hn::Div(load(output_gradient + position * channels + c, count), number);
      for_taps(window, channels, seen, [&](int64_t offset, int64_t) HWY_ATTR {
        float* to = input_gradient + offset + c;
        store(hn::Add(load(to, count), share), to, count);
      });
    });
  });
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
HWY_EXPORT(average_forward);
HWY_EXPORT(average_backward);

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
void average_pool_forward(const Window& window, int64_t channels, const float* input, float* output) {
  HWY_DYNAMIC_DISPATCH(average_forward)(window, channels, input, output);
}
void average_pool_backward(const Window& window, int64_t channels, const float* output_gradient,
                           float* input_gradient) {
  HWY_DYNAMIC_DISPATCH(average_backward)(window, channels, output_gradient, input_gradient);
}

}  // namespace batchwise
#endif
