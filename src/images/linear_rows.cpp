// Bilinear loops, compiled for each instruction set, chosen at run time.
#include "images/linear_rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "images/linear_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// What one output row is made of. `below` is null when it is made of one row.
struct Rows {
  const uint8_t *above, *below;
  float t;
};

HWY_INLINE float Between(float a, float b, float t) { return a + (b - a) * t; }

template <class V>
HWY_INLINE V Between(V a, V b, V t) {
  return hn::Add(a, hn::Mul(hn::Sub(b, a), t));
}

// Two outputs at a time, for machines whose vectors hold two pixels; writes one element behind them when there are
// three channels. Gives back how many outputs it made, at most `most`.
template <int kChannels, bool kTwoRows>
HWY_INLINE int64_t Pairs(const ResizeAxis& columns, const Rows& rows, int64_t most, float* out) {
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
    const auto down = hn::Set(d, rows.t);
    const uint32_t* first = columns.first.data();
    const float* t = columns.weights.data();
    const int64_t pairs = most / 2;
    for (int64_t p = 0; p < pairs; ++p, first += 2, t += 2, out += 2 * kChannels) {
      const size_t left = first[0], right = first[1];
      const auto across = hn::TableLookupLanes(hn::LoadU(d, t), each);
      const auto along = [&](const uint8_t* row) HWY_ATTR {
        const auto two =
            hn::TableLookupBytes(hn::Combine(bytes, hn::LoadU(half, row + right), hn::LoadU(half, row + left)), sides);
        return Between(hn::ConvertTo(d, hn::PromoteTo(integers, hn::LowerHalf(half, two))),
                       hn::ConvertTo(d, hn::PromoteTo(integers, hn::UpperHalf(half, two))), across);
      };
      auto y = along(rows.above);
      if constexpr (kTwoRows) y = Between(y, along(rows.below), down);
      hn::StoreU(hn::LowerHalf(pixel, y), pixel, out);
      hn::StoreU(hn::UpperHalf(pixel, y), pixel, out + kChannels);
    }
    return 2 * pairs;
  }
#endif
  (void)columns, (void)rows, (void)most, (void)out;
  return 0;
}

template <int kChannels, bool kTwoRows>
void Linear(const ResizeAxis& columns, const Rows& rows, float* out) {
  int64_t o = Pairs<kChannels, kTwoRows>(columns, rows, columns.outputs - 1, out);
  for (; o < columns.outputs; ++o) {
    const size_t at = columns.first[static_cast<size_t>(o)];
    const float across = columns.weights[static_cast<size_t>(o)];
    for (int c = 0; c < kChannels; ++c) {
      const auto along = [&](const uint8_t* row) {
        return Between(static_cast<float>(row[at + c]), static_cast<float>(row[at + kChannels + c]), across);
      };
      float y = along(rows.above);
      if constexpr (kTwoRows) y = Between(y, along(rows.below), rows.t);
      out[o * kChannels + c] = y;
    }
  }
}

template <bool kTwoRows>
void OfChannels(const ResizeAxis& columns, int channels, const Rows& rows, float* out) {
  if (channels == 1) Linear<1, kTwoRows>(columns, rows, out);
  else if (channels == 3) Linear<3, kTwoRows>(columns, rows, out);
  else Linear<4, kTwoRows>(columns, rows, out);
}

void AlongRow(const ResizeAxis& columns, int channels, const uint8_t* row, float* out) {
  OfChannels<false>(columns, channels, {row, nullptr, 0}, out);
}

void OfTwoRows(const ResizeAxis& columns, int channels, const uint8_t* above, const uint8_t* below, float t,
               float* out) {
  OfChannels<true>(columns, channels, {above, below, t}, out);
}

}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(AlongRow);
HWY_EXPORT(OfTwoRows);

void linear_along_row(const ResizeAxis& columns, int channels, const uint8_t* row, float* out) {
  HWY_DYNAMIC_DISPATCH(AlongRow)(columns, channels, row, out);
}

void linear_of_two_rows(const ResizeAxis& columns, int channels, const uint8_t* above, const uint8_t* below, float t,
                        float* out) {
  HWY_DYNAMIC_DISPATCH(OfTwoRows)(columns, channels, above, below, t, out);
}

}  // namespace batchwise
#endif
