// Winograd's transforms at the points 0, 5/8, -5/8, 3/2, -3/2 and infinity, which lose few bits; channels are the
// vector.
#include "kernels/winograd_transforms.h"

#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/winograd_transforms.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
using V = hn::Vec<Lanes>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Lanes()));
constexpr int64_t kColumns = 16;

// The points and what they multiply to: A evaluates at them, B interpolates, G carries the interpolation's divisors.
constexpr double kP = 0.625, kQ = 1.5, kP2 = kP * kP, kQ2 = kQ * kQ;
constexpr double kZeroDivisor = kP2 * kQ2, kPDivisor = 2 * kP2 * (kP2 - kQ2), kQDivisor = 2 * kQ2 * (kQ2 - kP2);

HWY_INLINE V constant(double value) { return hn::Set(Lanes(), static_cast<float>(value)); }

// B^T d
HWY_INLINE void input_line(const V* d, V* r) {
  const V p = constant(kP), q = constant(kQ), p2 = constant(kP2), q2 = constant(kQ2);
  const V sum = constant(kP2 + kQ2), product = constant(kP2 * kQ2);
  const V even_p = hn::NegMulAdd(q2, d[2], d[4]), odd_p = hn::NegMulAdd(q2, d[1], d[3]);
  const V even_q = hn::NegMulAdd(p2, d[2], d[4]), odd_q = hn::NegMulAdd(p2, d[1], d[3]);
  r[0] = hn::MulAdd(product, d[0], hn::NegMulAdd(sum, d[2], d[4]));
  r[1] = hn::MulAdd(p, odd_p, even_p);
  r[2] = hn::NegMulAdd(p, odd_p, even_p);
  r[3] = hn::MulAdd(q, odd_q, even_q);
  r[4] = hn::NegMulAdd(q, odd_q, even_q);
  r[5] = hn::MulAdd(product, d[1], hn::NegMulAdd(sum, d[3], d[5]));
}

// A y
HWY_INLINE void gradient_line(const V* y, V* r) {
  const V p = constant(kP), q = constant(kQ), p2 = constant(kP2), q2 = constant(kQ2);
  const V even_p = hn::MulAdd(p2, y[2], y[0]), odd_p = hn::MulAdd(p2, y[3], y[1]);
  const V even_q = hn::MulAdd(q2, y[2], y[0]), odd_q = hn::MulAdd(q2, y[3], y[1]);
  r[0] = y[0];
  r[1] = hn::MulAdd(p, odd_p, even_p);
  r[2] = hn::NegMulAdd(p, odd_p, even_p);
  r[3] = hn::MulAdd(q, odd_q, even_q);
  r[4] = hn::NegMulAdd(q, odd_q, even_q);
  r[5] = y[3];
}

// A^T m
HWY_INLINE void output_line(const V* m, V* r) {
  const V p = constant(kP), q = constant(kQ), p2 = constant(kP2), q2 = constant(kQ2);
  const V p3 = constant(kP2 * kP), q3 = constant(kQ2 * kQ);
  const V even_p = hn::Add(m[1], m[2]), odd_p = hn::Sub(m[1], m[2]);
  const V even_q = hn::Add(m[3], m[4]), odd_q = hn::Sub(m[3], m[4]);
  r[0] = hn::Add(m[0], hn::Add(even_p, even_q));
  r[1] = hn::MulAdd(p, odd_p, hn::Mul(q, odd_q));
  r[2] = hn::MulAdd(p2, even_p, hn::Mul(q2, even_q));
  r[3] = hn::MulAdd(p3, odd_p, hn::MulAdd(q3, odd_q, m[5]));
}

// G w
HWY_INLINE void weight_line(const V* w, V* r) {
  const V p = constant(kP / kPDivisor), q = constant(kQ / kQDivisor);
  const V even_p = hn::MulAdd(constant(kP2 / kPDivisor), w[2], hn::Mul(constant(1 / kPDivisor), w[0]));
  const V even_q = hn::MulAdd(constant(kQ2 / kQDivisor), w[2], hn::Mul(constant(1 / kQDivisor), w[0]));
  r[0] = hn::Mul(constant(1 / kZeroDivisor), w[0]);
  r[1] = hn::MulAdd(p, w[1], even_p);
  r[2] = hn::NegMulAdd(p, w[1], even_p);
  r[3] = hn::MulAdd(q, w[1], even_q);
  r[4] = hn::NegMulAdd(q, w[1], even_q);
  r[5] = w[2];
}

// G^T m
HWY_INLINE void weight_gradient_line(const V* m, V* r) {
  const V even_p = hn::Add(m[1], m[2]), odd_p = hn::Sub(m[1], m[2]);
  const V even_q = hn::Add(m[3], m[4]), odd_q = hn::Sub(m[3], m[4]);
  r[0] = hn::MulAdd(constant(1 / kPDivisor), even_p,
                    hn::MulAdd(constant(1 / kQDivisor), even_q, hn::Mul(constant(1 / kZeroDivisor), m[0])));
  r[1] = hn::MulAdd(constant(kP / kPDivisor), odd_p, hn::Mul(constant(kQ / kQDivisor), odd_q));
  r[2] = hn::MulAdd(constant(kP2 / kPDivisor), even_p, hn::MulAdd(constant(kQ2 / kQDivisor), even_q, m[5]));
}

// L X L^T of a square of kIn x kIn vectors, line by line.
template <int kIn, int kOut, class Line, class Load, class Store>
HWY_INLINE void both_ways(Line line, Load load, Store store) {
  V half[kOut][kIn];
#pragma GCC unroll 6
  for (int x = 0; x < kIn; ++x) {
    V in[kIn], out[kOut];
#pragma GCC unroll 6
    for (int y = 0; y < kIn; ++y) in[y] = load(y, x);
    line(in, out);
#pragma GCC unroll 6
    for (int y = 0; y < kOut; ++y) half[y][x] = out[y];
  }
#pragma GCC unroll 6
  for (int y = 0; y < kOut; ++y) {
    V out[kOut];
    line(half[y], out);
#pragma GCC unroll 6
    for (int x = 0; x < kOut; ++x) store(y, x, out[x]);
  }
}

// Where a tile lies in its image, and how far the image goes from there.
struct Place {
  int64_t image, row, column;
};
Place place_of(const WinogradImages& images, int64_t tile) {
  const int64_t per_image = images.down * images.across, within = tile % per_image;
  return {tile / per_image, within / images.across * kWinogradTile - images.top,
          within % images.across * kWinogradTile - images.left};
}

template <int kSize, class Line>
HWY_INLINE void read_tiles(const WinogradImages& images, const WinogradBand& band, const float* from, float* planes,
                           Line line) {
  const Lanes d;
  const int64_t channels = images.channels, row = images.width * channels;
  for (int64_t i = 0; i < band.count; ++i) {
    const Place at = place_of(images, band.first + i);
    const float* corner = from + (at.image * images.height + at.row) * row + at.column * channels;
    float* to = planes + i * channels;
    const auto read = [&](auto load) HWY_ATTR {
      for (int64_t c = 0; c < channels; c += kLanes)
        both_ways<kSize, 6>(
            line, [&](int y, int x) HWY_ATTR { return load(y, x, c); },
            [&](int y, int x, V value) HWY_ATTR { hn::StoreU(value, d, to + (y * 6 + x) * band.plane + c); });
    };
    if (at.row >= 0 && at.column >= 0 && at.row + kSize <= images.height && at.column + kSize <= images.width)
      read([&](int y, int x, int64_t c) HWY_ATTR { return hn::LoadU(d, corner + y * row + x * channels + c); });
    else
      read([&](int y, int x, int64_t c) HWY_ATTR {
        const bool inside =
            at.row + y >= 0 && at.row + y < images.height && at.column + x >= 0 && at.column + x < images.width;
        return inside ? hn::LoadU(d, corner + y * row + x * channels + c) : hn::Zero(d);
      });
  }
}

void inputs(const WinogradImages& images, const WinogradBand& band, const float* from, float* planes) {
  read_tiles<6>(images, band, from, planes, [](const V* in, V* out) HWY_ATTR { input_line(in, out); });
}

void gradients(const WinogradImages& images, const WinogradBand& band, const float* from, float* planes) {
  read_tiles<4>(images, band, from, planes, [](const V* in, V* out) HWY_ATTR { gradient_line(in, out); });
}

void outputs(const WinogradImages& images, const WinogradBand& band, const float* planes, const float* bias, bool relu,
             float* to) {
  const Lanes d;
  const int64_t channels = images.channels, row = images.width * channels;
  const V least = hn::Zero(d);
  for (int64_t i = 0; i < band.count; ++i) {
    const Place at = place_of(images, band.first + i);
    float* corner = to + (at.image * images.height + at.row) * row + at.column * channels;
    const float* from = planes + i * channels;
    const int64_t rows = images.height - at.row, columns = images.width - at.column;
    for (int64_t c = 0; c < channels; c += kLanes) {
      const V start = bias ? hn::LoadU(d, bias + c) : hn::Zero(d);
      both_ways<6, 4>([](const V* in, V* out) HWY_ATTR { output_line(in, out); },
                      [&](int y, int x) HWY_ATTR { return hn::LoadU(d, from + (y * 6 + x) * band.plane + c); },
                      [&](int y, int x, V value) HWY_ATTR {
                        value = hn::Add(value, start);
                        if (relu) value = hn::Max(least, value);
                        if (y < rows && x < columns) hn::StoreU(value, d, corner + y * row + x * channels + c);
                      });
    }
  }
}

void weights(const float* from, int64_t tap, bool rotated, float* to, int64_t plane) {
  const Lanes d;
  for (int64_t c = 0; c < kColumns; c += kLanes)
    both_ways<3, 6>([](const V* in, V* out) HWY_ATTR { weight_line(in, out); },
                    [&](int y, int x) HWY_ATTR {
                      const int t = y * 3 + x;
                      return hn::LoadU(d, from + (rotated ? 8 - t : t) * tap + c);
                    },
                    [&](int y, int x, V value) HWY_ATTR { hn::StoreU(value, d, to + (y * 6 + x) * plane + c); });
}

void weight_gradients(const float* from, int64_t plane, int64_t count, bool accumulate, float* to, int64_t tap) {
  const Lanes d;
  for (int64_t c = 0; c < count * kColumns; c += kLanes)
    both_ways<6, 3>([](const V* in, V* out) HWY_ATTR { weight_gradient_line(in, out); },
                    [&](int y, int x) HWY_ATTR { return hn::LoadU(d, from + (y * 6 + x) * plane + c); },
                    [&](int y, int x, V value) HWY_ATTR {
                      float* at = to + (y * 3 + x) * tap + c;
                      hn::StoreU(accumulate ? hn::Add(hn::LoadU(d, at), value) : value, d, at);
                    });
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

// Tap 0 is the point 0, tap 2 the point infinity, tap 1 half the difference of two opposite points.
void winograd_taps(const float* from, int64_t plane, float* taps) {
  constexpr double p2 = 0.390625, q2 = 2.25, half = p2 * (p2 - q2) / 0.625;
  constexpr double kRecover[3][6] = {{p2 * q2, 0, 0, 0, 0, 0}, {0, half, -half, 0, 0, 0}, {0, 0, 0, 0, 0, 1}};
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 3; ++x) {
      double sum = 0;
      for (int i = 0; i < 6; ++i)
        for (int j = 0; j < 6; ++j)
          sum += kRecover[y][i] * kRecover[x][j] * static_cast<double>(from[(i * 6 + j) * plane]);
      taps[y * 3 + x] = static_cast<float>(sum);
    }
}

HWY_EXPORT(inputs);
HWY_EXPORT(gradients);
HWY_EXPORT(outputs);
HWY_EXPORT(weights);
HWY_EXPORT(weight_gradients);

void winograd_inputs(const WinogradImages& images, const WinogradBand& band, const float* from, float* planes) {
  HWY_DYNAMIC_DISPATCH(inputs)(images, band, from, planes);
}
void winograd_gradients(const WinogradImages& images, const WinogradBand& band, const float* from, float* planes) {
  HWY_DYNAMIC_DISPATCH(gradients)(images, band, from, planes);
}
void winograd_outputs(const WinogradImages& images, const WinogradBand& band, const float* planes, const float* bias,
                      bool relu, float* to) {
  HWY_DYNAMIC_DISPATCH(outputs)(images, band, planes, bias, relu, to);
}
void winograd_weights(const float* from, int64_t tap, bool rotated, float* to, int64_t plane) {
  HWY_DYNAMIC_DISPATCH(weights)(from, tap, rotated, to, plane);
}
void winograd_weight_gradients(const float* from, int64_t plane, int64_t count, bool accumulate, float* to,
                               int64_t tap) {
  HWY_DYNAMIC_DISPATCH(weight_gradients)(from, plane, count, accumulate, to, tap);
}

}  // namespace batchwise
#endif
