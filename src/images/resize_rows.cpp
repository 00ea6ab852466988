// The loops of a resize, compiled for each instruction set, chosen at run time.
#include "images/resize_rows.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "images/resize_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Pixel = hn::CappedTag<float, 4>;  // up to four channels; what is stored beyond them is overwritten by the next

HWY_INLINE hn::Vec<Pixel> LoadPixel(Pixel d, const uint8_t* at) {
  const hn::Rebind<uint8_t, Pixel> bytes;
  const hn::RebindToSigned<Pixel> integers;
  return hn::ConvertTo(d, hn::PromoteTo(integers, hn::LoadU(bytes, at)));
}

// Two outputs at a time, where a vector holds two pixels: gives back how many outputs it made.
template <int kChannels>
HWY_INLINE int64_t LinearPairs(const ResizeAxis& columns, const uint8_t* row, float* out) {
#if HWY_TARGET <= HWY_AVX2
  if constexpr (kChannels > 1) {
    const hn::FixedTag<float, 8> d;
    constexpr uint8_t c = kChannels;
    // Of two loads of eight bytes: both left pixels, then both right ones.
    alignas(16) constexpr uint8_t kSides[16] = {0, 1,     2,     3,     8,     9,     10,     11,
                                                c, c + 1, c + 2, c + 3, c + 8, c + 9, c + 10, c + 11};
    alignas(32) constexpr int32_t kEach[8] = {0, 0, 0, 0, 1, 1, 1, 1};
    const hn::FixedTag<uint8_t, 16> bytes;
    const hn::Half<decltype(bytes)> half;
    const hn::RebindToSigned<decltype(d)> integers;
    const hn::Half<decltype(d)> pixel;
    const auto sides = hn::Load(bytes, kSides);
    const auto each = hn::SetTableIndices(d, kEach);
    const uint32_t* first = columns.first.data();
    const float* t = columns.weights.data();
    // Eight numbers t are read for two: the last outputs are left to others.
    const int64_t pairs = columns.outputs / 2 - 3;
    for (int64_t p = 0; p < pairs; ++p, first += 2, t += 2, out += 2 * kChannels) {
      const auto two = hn::TableLookupBytes(
          hn::Combine(bytes, hn::LoadU(half, row + first[1]), hn::LoadU(half, row + first[0])), sides);
      const auto a = hn::ConvertTo(d, hn::PromoteTo(integers, hn::LowerHalf(half, two)));
      const auto b = hn::ConvertTo(d, hn::PromoteTo(integers, hn::UpperHalf(half, two)));
      const auto y = hn::Add(a, hn::Mul(hn::Sub(b, a), hn::TableLookupLanes(hn::LoadU(d, t), each)));
      hn::StoreU(hn::LowerHalf(pixel, y), pixel, out);
      hn::StoreU(hn::UpperHalf(pixel, y), pixel, out + kChannels);
    }
    return std::max<int64_t>(2 * pairs, 0);
  }
#endif
  (void)columns, (void)row, (void)out;
  return 0;
}

template <int kChannels>
void LinearAlong(const ResizeAxis& columns, const uint8_t* row, float* out) {
  const Pixel d;
  const uint32_t* first = columns.first.data();
  const float* t = columns.weights.data();
  int64_t o = LinearPairs<kChannels>(columns, row, out);
  out += o * kChannels;
  for (; o < columns.outputs; ++o, out += kChannels) {
    const uint8_t* at = row + first[o];
    if constexpr (kChannels == 1) {
      const float a = at[0], b = at[1];
      out[0] = a + (b - a) * t[o];
    } else {
      const auto a = LoadPixel(d, at), b = LoadPixel(d, at + kChannels);
      hn::StoreU(hn::Add(a, hn::Mul(hn::Sub(b, a), hn::Set(d, t[o]))), d, out);
    }
  }
}

template <int kChannels>
void WeightedAlong(const ResizeAxis& columns, const uint8_t* row, float* out) {
  const Pixel d;
  const float* weights = columns.weights.data();
  for (int64_t o = 0; o < columns.outputs; ++o, out += kChannels, weights += columns.taps) {
    const uint8_t* at = row + columns.first[static_cast<size_t>(o)];
    if constexpr (kChannels == 1) {
      float sum = 0;
      for (int64_t k = 0; k < columns.taps; ++k) sum += static_cast<float>(at[k]) * weights[k];
      out[0] = sum;
    } else {
      auto sum = hn::Zero(d);
      for (int64_t k = 0; k < columns.taps; ++k, at += kChannels)
        sum = hn::Add(sum, hn::Mul(LoadPixel(d, at), hn::Set(d, weights[k])));
      hn::StoreU(sum, d, out);
    }
  }
}

template <int kChannels>
void AlongChannels(const ResizeAxis& columns, const uint8_t* row, float* out) {
  columns.linear ? LinearAlong<kChannels>(columns, row, out) : WeightedAlong<kChannels>(columns, row, out);
}

void Along(const ResizeAxis& columns, int channels, const uint8_t* row, float* out) {
  if (channels == 1) AlongChannels<1>(columns, row, out);
  else if (channels == 3) AlongChannels<3>(columns, row, out);
  else AlongChannels<4>(columns, row, out);
}

// `combine` takes a tag and an offset; the elements that fill no vector are done one by one.
template <class Combine>
HWY_INLINE void ForElements(int64_t count, const Combine& combine) {
  const hn::ScalableTag<float> d;
  const hn::CappedTag<float, 1> one;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) combine(d, i);
  for (; i < count; ++i) combine(one, i);
}

struct LinearAcross {
  const float *a, *b;
  float t;
  float* out;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    const auto from = hn::LoadU(d, a + i);
    hn::StoreU(hn::Add(from, hn::Mul(hn::Sub(hn::LoadU(d, b + i), from), hn::Set(d, t))), d, out + i);
  }
};

struct WeightedAcross {
  const float* const* rows;
  const float* weights;
  int64_t taps;
  float* out;
  template <class D>
  HWY_INLINE void operator()(D d, int64_t i) const {
    auto sum = hn::Zero(d);
    for (int64_t k = 0; k < taps; ++k) sum = hn::Add(sum, hn::Mul(hn::LoadU(d, rows[k] + i), hn::Set(d, weights[k])));
    hn::StoreU(sum, d, out + i);
  }
};

void Across(const ResizeAxis& axis, int64_t o, const float* const* rows, float* out, int64_t count) {
  if (axis.linear) ForElements(count, LinearAcross{rows[0], rows[1], axis.weights[static_cast<size_t>(o)], out});
  else ForElements(count, WeightedAcross{rows, axis.weights.data() + o * axis.taps, axis.taps, out});
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(Along);
HWY_EXPORT(Across);

void resize_along_row(const ResizeAxis& columns, int channels, const uint8_t* row, float* out) {
  HWY_DYNAMIC_DISPATCH(Along)(columns, channels, row, out);
}

void resize_across_rows(const ResizeAxis& axis, int64_t o, const float* const* rows, float* out, int64_t count) {
  HWY_DYNAMIC_DISPATCH(Across)(axis, o, rows, out, count);
}

}  // namespace batchwise
#endif
