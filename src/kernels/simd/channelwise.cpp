// Arithmetic by channel, compiled for each instruction set, chosen at run time.
#include "kernels/simd/channelwise.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/simd/channelwise.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {
namespace hn = hwy::HWY_NAMESPACE;
using F = hn::ScalableTag<float>;
using V = hn::Vec<F>;

constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(F()));
constexpr int kChunk = 4;  // vectors of channels whose coefficients and sums stay in registers

// Rows of one period that are summed in float before the sum moves to double: few enough for precision and for the
// cache, enough to make the move cheap.
HWY_INLINE int64_t TileRows(int64_t period) { return std::clamp<int64_t>(16384 / period, 16, 128); }

// to[0..lanes) += v, in double.
HWY_INLINE void AddTo(V v, double* to) {
  const F d;
#if HWY_TARGET == HWY_SCALAR
  to[0] += hn::GetLane(v);
  (void)d;
#else
  const hn::Half<F> half;
  const hn::Repartition<double, F> dd;
  hn::StoreU(hn::Add(hn::LoadU(dd, to), hn::PromoteTo(dd, hn::LowerHalf(half, v))), dd, to);
  double* upper = to + hn::Lanes(dd);
  hn::StoreU(hn::Add(hn::LoadU(dd, upper), hn::PromoteTo(dd, hn::UpperHalf(half, v))), dd, upper);
  (void)d;
#endif
}

// Calls body(constant N, first float of the chunk within a period, first row, rows) so that a tile stays in the cache
// while its chunks of channels are visited.
template <class Body>
HWY_INLINE void ForChunks(int64_t rows, int64_t period, Body body) {
  const int64_t tile = TileRows(period);
  for (int64_t row = 0; row < rows; row += tile) {
    const int64_t some = std::min(tile, rows - row);
    for (int64_t at = 0; at < period;) {
      const int64_t left = (period - at) / kLanes;
      if (left >= kChunk) {
        body(std::integral_constant<int, kChunk>(), at, row, some);
        at += kChunk * kLanes;
      } else {
        body(std::integral_constant<int, 1>(), at, row, some);
        at += kLanes;
      }
    }
  }
}

// What lies beyond the last whole period: body(first float within the period, floats <= lanes).
template <class Body>
HWY_INLINE void ForTail(int64_t count, Body body) {
  for (int64_t at = 0; at < count; at += kLanes) body(at, std::min(kLanes, count - at));
}

// `count` floats of `from`, the rest as in `padding`.
HWY_INLINE V LoadPart(F d, const float* from, int64_t count, V padding) {
  HWY_ALIGN float part[kLanes];
  hn::Store(padding, d, part);
  std::memcpy(part, from, static_cast<size_t>(count) * sizeof(float));
  return hn::Load(d, part);
}

HWY_INLINE void StorePart(F d, V v, float* to, int64_t count) {
  HWY_ALIGN float part[kLanes];
  hn::Store(v, d, part);
  std::memcpy(to, part, static_cast<size_t>(count) * sizeof(float));
}

void Measure(const float* x, int64_t count, const float* centre, double* sums, double* squares, int64_t period) {
  const F d;
  const int64_t rows = count / period;
  ForChunks(rows, period, [&](auto size, int64_t at, int64_t row, int64_t some) HWY_ATTR {
    constexpr int N = decltype(size)::value;
    V k[N], s[N], q[N];
    BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
      k[i] = hn::LoadU(d, centre + at + i * kLanes);
      s[i] = q[i] = hn::Zero(d);
    }
    const float* p = x + row * period + at;
    for (int64_t r = 0; r < some; ++r, p += period) BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
        const V v = hn::Sub(hn::LoadU(d, p + i * kLanes), k[i]);
        s[i] = hn::Add(s[i], v);
        q[i] = hn::MulAdd(v, v, q[i]);
      }
    BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
      AddTo(s[i], sums + at + i * kLanes);
      AddTo(q[i], squares + at + i * kLanes);
    }
  });
  const float* rest = x + rows * period;
  ForTail(count - rows * period, [&](int64_t at, int64_t part) HWY_ATTR {
    const V k = hn::LoadU(d, centre + at);
    const V v = hn::Sub(LoadPart(d, rest + at, part, k), k);
    AddTo(v, sums + at);
    AddTo(hn::Mul(v, v), squares + at);
  });
}

// What happens to y = (x - centre) * scale + shift, and to its gradient.
struct Whole {
  static constexpr bool kCuts = false;
  V Output(V y) const { return y; }
  V Gradient(V dy, V) const { return dy; }
};
struct Cut {
  static constexpr bool kCuts = true;
  explicit Cut(float limit) : zero(hn::Zero(F())), limit(hn::Set(F(), limit)) {}
  V Output(V y) const { return hn::Min(limit, hn::Max(zero, y)); }  // in this order NaN stays
  V Gradient(V dy, V y) const { return hn::IfThenElseZero(hn::And(hn::Gt(y, zero), hn::Lt(y, limit)), dy); }
  V zero, limit;
};

template <class End>
void ApplyTo(const float* x, float* y, int64_t count, const float* centre, const float* scale, const float* shift,
             int64_t period, End end) {
  const F d;
  const int64_t rows = count / period;
  ForChunks(rows, period, [&](auto size, int64_t at, int64_t row, int64_t some) HWY_ATTR {
    constexpr int N = decltype(size)::value;
    V k[N], a[N], b[N];
    BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
      k[i] = hn::LoadU(d, centre + at + i * kLanes);
      a[i] = hn::LoadU(d, scale + at + i * kLanes);
      b[i] = hn::LoadU(d, shift + at + i * kLanes);
    }
    for (int64_t r = 0; r < some; ++r) BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
        const int64_t place = (row + r) * period + at + i * kLanes;
        hn::StoreU(end.Output(hn::MulAdd(hn::Sub(hn::LoadU(d, x + place), k[i]), a[i], b[i])), d, y + place);
      }
  });
  const int64_t done = rows * period;
  ForTail(count - done, [&](int64_t at, int64_t part) HWY_ATTR {
    const V v = hn::Sub(LoadPart(d, x + done + at, part, hn::Zero(d)), hn::LoadU(d, centre + at));
    StorePart(d, end.Output(hn::MulAdd(v, hn::LoadU(d, scale + at), hn::LoadU(d, shift + at))), y + done + at, part);
  });
}

template <class End>
void MeasureGradientOf(const float* dy, const float* x, int64_t count, const float* centre, const float* scale,
                       const float* shift, double* sums, double* products, int64_t period, End end) {
  const F d;
  const int64_t rows = count / period;
  ForChunks(rows, period, [&](auto size, int64_t at, int64_t row, int64_t some) HWY_ATTR {
    constexpr int N = decltype(size)::value;
    V k[N], s[N], q[N], a[N], b[N];
    BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
      k[i] = hn::LoadU(d, centre + at + i * kLanes);
      s[i] = q[i] = hn::Zero(d);
      if constexpr (End::kCuts) {
        a[i] = hn::LoadU(d, scale + at + i * kLanes);
        b[i] = hn::LoadU(d, shift + at + i * kLanes);
      }
    }
    const float* p = x + row * period + at;
    const float* g = dy + row * period + at;
    for (int64_t r = 0; r < some; ++r, p += period, g += period) BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
        const V v = hn::Sub(hn::LoadU(d, p + i * kLanes), k[i]);
        V u = hn::LoadU(d, g + i * kLanes);
        if constexpr (End::kCuts) u = end.Gradient(u, hn::MulAdd(v, a[i], b[i]));
        s[i] = hn::Add(s[i], u);
        q[i] = hn::MulAdd(u, v, q[i]);
      }
    BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
      AddTo(s[i], sums + at + i * kLanes);
      AddTo(q[i], products + at + i * kLanes);
    }
  });
  const float* rest = x + rows * period;
  const float* rest_dy = dy + rows * period;
  ForTail(count - rows * period, [&](int64_t at, int64_t part) HWY_ATTR {
    const V k = hn::LoadU(d, centre + at);
    const V v = hn::Sub(LoadPart(d, rest + at, part, k), k);
    V u = LoadPart(d, rest_dy + at, part, hn::Zero(d));
    if constexpr (End::kCuts) u = end.Gradient(u, hn::MulAdd(v, hn::LoadU(d, scale + at), hn::LoadU(d, shift + at)));
    AddTo(u, sums + at);
    AddTo(hn::Mul(u, v), products + at);
  });
}

template <class End>
void ApplyGradientOf(const float* dy, const float* x, float* dx, int64_t count, const float* centre, const float* a,
                     const float* shift, const float* b, const float* c, int64_t period, End end) {
  const F d;
  const int64_t rows = count / period;
  ForChunks(rows, period, [&](auto size, int64_t at, int64_t row, int64_t some) HWY_ATTR {
    constexpr int N = decltype(size)::value;
    V k[N], ka[N], kb[N], kc[N], ks[N];
    BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
      k[i] = hn::LoadU(d, centre + at + i * kLanes);
      ka[i] = hn::LoadU(d, a + at + i * kLanes);
      kb[i] = hn::LoadU(d, b + at + i * kLanes);
      kc[i] = hn::LoadU(d, c + at + i * kLanes);
      if constexpr (End::kCuts) ks[i] = hn::LoadU(d, shift + at + i * kLanes);
    }
    for (int64_t r = 0; r < some; ++r) BATCHWISE_UNROLL for (int i = 0; i < N; ++i) {
        const int64_t place = (row + r) * period + at + i * kLanes;
        const V v = hn::Sub(hn::LoadU(d, x + place), k[i]);
        V u = hn::LoadU(d, dy + place);
        if constexpr (End::kCuts) u = end.Gradient(u, hn::MulAdd(v, ka[i], ks[i]));
        hn::StoreU(hn::MulAdd(u, ka[i], hn::MulAdd(v, kb[i], kc[i])), d, dx + place);
      }
  });
  const int64_t done = rows * period;
  ForTail(count - done, [&](int64_t at, int64_t part) HWY_ATTR {
    const V v = hn::Sub(LoadPart(d, x + done + at, part, hn::Zero(d)), hn::LoadU(d, centre + at));
    const V ka = hn::LoadU(d, a + at);
    V u = LoadPart(d, dy + done + at, part, hn::Zero(d));
    if constexpr (End::kCuts) u = end.Gradient(u, hn::MulAdd(v, ka, hn::LoadU(d, shift + at)));
    StorePart(d, hn::MulAdd(u, ka, hn::MulAdd(v, hn::LoadU(d, b + at), hn::LoadU(d, c + at))), dx + done + at, part);
  });
}

void Apply(const float* x, float* y, int64_t count, const float* centre, const float* scale, const float* shift,
           int64_t period) {
  ApplyTo(x, y, count, centre, scale, shift, period, Whole());
}

void ApplyCut(const float* x, float* y, int64_t count, const float* centre, const float* scale, const float* shift,
              float limit, int64_t period) {
  ApplyTo(x, y, count, centre, scale, shift, period, Cut(limit));
}

void MeasureGradient(const float* dy, const float* x, int64_t count, const float* centre, double* sums,
                     double* products, int64_t period) {
  MeasureGradientOf(dy, x, count, centre, nullptr, nullptr, sums, products, period, Whole());
}

void MeasureCutGradient(const float* dy, const float* x, int64_t count, const float* centre, const float* scale,
                        const float* shift, float limit, double* sums, double* products, int64_t period) {
  MeasureGradientOf(dy, x, count, centre, scale, shift, sums, products, period, Cut(limit));
}

void ApplyGradient(const float* dy, const float* x, float* dx, int64_t count, const float* centre, const float* a,
                   const float* b, const float* c, int64_t period) {
  ApplyGradientOf(dy, x, dx, count, centre, a, nullptr, b, c, period, Whole());
}

void ApplyCutGradient(const float* dy, const float* x, float* dx, int64_t count, const float* centre,
                      const float* scale, const float* shift, float limit, const float* b, const float* c,
                      int64_t period) {
  ApplyGradientOf(dy, x, dx, count, centre, scale, shift, b, c, period, Cut(limit));
}

void ApplyBytes(const uint8_t* x, float* y, int64_t count, const float* scale, const float* shift, int64_t period) {
  const F d;
  const hn::Rebind<uint8_t, F> bytes;
  const hn::Rebind<int32_t, F> integers;
  int64_t within = 0, at = 0;
  for (; at + kLanes <= count; at += kLanes) {
    const V v = hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(bytes, x + at)));
    hn::StoreU(hn::MulAdd(v, hn::LoadU(d, scale + within), hn::LoadU(d, shift + within)), d, y + at);
    within = within + kLanes == period ? 0 : within + kLanes;
  }
  if (at == count) return;
  HWY_ALIGN float part[kLanes] = {};
  for (int64_t i = at; i < count; ++i) part[i - at] = static_cast<float>(x[i]);
  StorePart(d, hn::MulAdd(hn::Load(d, part), hn::LoadU(d, scale + within), hn::LoadU(d, shift + within)), y + at,
            count - at);
}

}  // namespace

const ChannelwiseFunctions* Channelwise() {
  static constexpr ChannelwiseFunctions kFunctions = {
      &Apply,     &Measure, &MeasureGradient, &ApplyGradient, &ApplyCut, &MeasureCutGradient, &ApplyCutGradient,
      &ApplyBytes};
  return &kFunctions;
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(Channelwise);

int64_t channel_period(int64_t width) { return std::lcm(width, kLaneMultiple); }

const ChannelwiseFunctions& channelwise() {
  static const ChannelwiseFunctions& functions = *HWY_DYNAMIC_DISPATCH(Channelwise)();
  return functions;
}

}  // namespace batchwise
#endif
