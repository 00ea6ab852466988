// Depthwise passes, compiled for each instruction set.
#include "kernels/depthwise_passes.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/depthwise_passes.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Lanes()));
constexpr int64_t kTogether = 4;  // output positions that share a loaded weight

HWY_INLINE Vector load(const float* from, int64_t count) {
  const Lanes d;
  return count == kLanes ? hn::LoadU(d, from) : hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(count)), d, from);
}
HWY_INLINE void store(Vector value, float* to, int64_t count) {
  const Lanes d;
  if (count == kLanes) hn::StoreU(value, d, to);
  else hn::BlendedStore(value, hn::FirstN(d, static_cast<size_t>(count)), d, to);
}

// Taps [first, last) of the window at an output position lie inside the input.
struct Taps {
  int64_t start = 0;  // input position of tap 0, maybe outside
  int64_t first = 0, last = 0;
};

Taps taps_of(const WindowAxis& axis, int64_t output) {
  Taps taps{output * axis.stride - axis.before, 0, axis.window};
  while (taps.first < taps.last && taps.start + taps.first * axis.dilation < 0) ++taps.first;
  while (taps.last > taps.first && taps.start + (taps.last - 1) * axis.dilation >= axis.input) --taps.last;
  return taps;
}

// Output positions [begin, end) of a row see all taps of the width.
struct Inner {
  int64_t begin = 0, end = 0;
};

Inner inner_of(const WindowAxis& axis) {
  Inner inner{0, axis.output};
  const auto whole = [&](int64_t output) {
    const Taps taps = taps_of(axis, output);
    return taps.first == 0 && taps.last == axis.window;
  };
  while (inner.begin < inner.end && !whole(inner.begin)) ++inner.begin;
  while (inner.end > inner.begin && !whole(inner.end - 1)) --inner.end;
  return inner;
}

// One row of outputs for one vector of channels. `input` and `weights` point at the vector's first channel.
struct Row {
  const Window& window;
  int64_t channels, count;
  Taps rows;

  int64_t offset(int64_t kh, int64_t column) const {
    return ((rows.start + kh * window.height.dilation) * window.width.input + column) * channels;
  }
  const float* at(const float* image, int64_t kh, int64_t column) const { return image + offset(kh, column); }
  const float* weight(const float* weights, int64_t kh, int64_t kw) const {
    return weights + (kh * window.width.window + kw) * channels;
  }
};

HWY_INLINE void forward_one(const Row& row, const float* input, const float* weights, Vector start, int64_t w,
                            float* to) {
  const Taps columns = taps_of(row.window.width, w);
  Vector sum = start;
  for (int64_t kh = row.rows.first; kh < row.rows.last; ++kh)
    for (int64_t kw = columns.first; kw < columns.last; ++kw)
      sum = hn::MulAdd(load(row.at(input, kh, columns.start + kw * row.window.width.dilation), row.count),
                       load(row.weight(weights, kh, kw), row.count), sum);
  store(sum, to + w * row.channels, row.count);
}

HWY_INLINE void forward_four(const Row& row, const float* input, const float* weights, Vector start, int64_t w,
                             float* to) {
  const WindowAxis& width = row.window.width;
  const int64_t step = width.stride * row.channels;
  Vector a = start, b = start, c = start, e = start;
  for (int64_t kh = row.rows.first; kh < row.rows.last; ++kh)
    for (int64_t kw = 0; kw < width.window; ++kw) {
      const float* from = row.at(input, kh, w * width.stride - width.before + kw * width.dilation);
      const Vector weight = load(row.weight(weights, kh, kw), row.count);
      a = hn::MulAdd(load(from, row.count), weight, a);
      b = hn::MulAdd(load(from + step, row.count), weight, b);
      c = hn::MulAdd(load(from + 2 * step, row.count), weight, c);
      e = hn::MulAdd(load(from + 3 * step, row.count), weight, e);
    }
  float* out = to + w * row.channels;
  store(a, out, row.count);
  store(b, out + row.channels, row.count);
  store(c, out + 2 * row.channels, row.count);
  store(e, out + 3 * row.channels, row.count);
}

void forward(const Window& window, int64_t channels, const float* input, const float* weights, const float* bias,
             float* output) {
  const Inner inner = inner_of(window.width);
  for (int64_t h = 0; h < window.height.output; ++h) {
    const Taps rows = taps_of(window.height, h);
    for (int64_t c = 0; c < channels; c += kLanes) {
      const Row row{window, channels, std::min(kLanes, channels - c), rows};
      const Vector start = bias ? load(bias + c, row.count) : hn::Zero(Lanes());
      float* to = output + h * window.width.output * channels + c;
      int64_t w = 0;
      while (w < window.width.output) {
        if (w >= inner.begin && w + kTogether <= inner.end) {
          forward_four(row, input + c, weights + c, start, w, to);
          w += kTogether;
        } else {
          forward_one(row, input + c, weights + c, start, w, to);
          ++w;
        }
      }
    }
  }
}

void backward(const Window& window, int64_t channels, const float* output_gradient, const float* weights,
              float* input_gradient) {
  std::fill_n(input_gradient, window.inputs() * channels, 0.0f);
  for (int64_t h = 0; h < window.height.output; ++h) {
    const Taps rows = taps_of(window.height, h);
    for (int64_t c = 0; c < channels; c += kLanes) {
      const Row row{window, channels, std::min(kLanes, channels - c), rows};
      for (int64_t w = 0; w < window.width.output; ++w) {
        const Taps columns = taps_of(window.width, w);
        const Vector gradient = load(output_gradient + (h * window.width.output + w) * channels + c, row.count);
        for (int64_t kh = rows.first; kh < rows.last; ++kh)
          for (int64_t kw = columns.first; kw < columns.last; ++kw) {
            float* to = input_gradient + c + row.offset(kh, columns.start + kw * window.width.dilation);
            store(hn::MulAdd(gradient, load(row.weight(weights + c, kh, kw), row.count), load(to, row.count)), to,
                  row.count);
          }
      }
    }
  }
}

// One row of outputs for `kTaps` neighbouring taps: each output gradient is loaded once for all of them.
template <int kTaps>
HWY_INLINE void weight_row(const Row& row, const float* input, const float* gradient, int64_t kh, int64_t kw,
                           const Inner& inner, float* to) {
  const WindowAxis& width = row.window.width;
  Vector sums[kTaps];
  for (int t = 0; t < kTaps; ++t) sums[t] = hn::Zero(Lanes());
  for (int64_t w = 0; w < width.output; ++w) {
    const Vector dy = load(gradient + w * row.channels, row.count);
    const bool whole = w >= inner.begin && w < inner.end;
    const Taps columns = whole ? Taps{w * width.stride - width.before, 0, width.window} : taps_of(width, w);
    for (int t = 0; t < kTaps; ++t)
      if (whole || (kw + t >= columns.first && kw + t < columns.last))
        sums[t] =
            hn::MulAdd(dy, load(row.at(input, kh, columns.start + (kw + t) * width.dilation), row.count), sums[t]);
  }
  for (int t = 0; t < kTaps; ++t) {
    float* at = to + (kh * width.window + kw + t) * row.channels;
    store(hn::Add(load(at, row.count), sums[t]), at, row.count);
  }
}

void weight_gradient(const Window& window, int64_t channels, const float* input, const float* output_gradient,
                     float* result) {
  const Inner inner = inner_of(window.width);
  for (int64_t c = 0; c < channels; c += kLanes)
    for (int64_t h = 0; h < window.height.output; ++h) {
      const Row row{window, channels, std::min(kLanes, channels - c), taps_of(window.height, h)};
      const float* gradient = output_gradient + h * window.width.output * channels + c;
      for (int64_t kh = row.rows.first; kh < row.rows.last; ++kh)
        for (int64_t kw = 0; kw < window.width.window;) {
          const int64_t left = window.width.window - kw;
          if (left >= 3) weight_row<3>(row, input + c, gradient, kh, kw, inner, result + c), kw += 3;
          else if (left == 2) weight_row<2>(row, input + c, gradient, kh, kw, inner, result + c), kw += 2;
          else weight_row<1>(row, input + c, gradient, kh, kw, inner, result + c), kw += 1;
        }
    }
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(forward);
HWY_EXPORT(backward);
HWY_EXPORT(weight_gradient);

void depthwise_forward(const Window& window, int64_t channels, const float* input, const float* weights,
                       const float* bias, float* output) {
  HWY_DYNAMIC_DISPATCH(forward)(window, channels, input, weights, bias, output);
}
void depthwise_backward(const Window& window, int64_t channels, const float* output_gradient, const float* weights,
                        float* input_gradient) {
  HWY_DYNAMIC_DISPATCH(backward)(window, channels, output_gradient, weights, input_gradient);
}
void depthwise_weight_gradient(const Window& window, int64_t channels, const float* input, const float* output_gradient,
                               float* weight_gradient) {
  HWY_DYNAMIC_DISPATCH(weight_gradient)(window, channels, input, output_gradient, weight_gradient);
}

}  // namespace batchwise
#endif
