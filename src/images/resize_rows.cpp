// The loops of a resize, compiled for each instruction set, chosen at run time.
#include "images/resize_rows.h"

#include "images/linear_rows.h"

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

void Along(const ResizeAxis& columns, int channels, const uint8_t* row, float* out) {
  if (channels == 1) WeightedAlong<1>(columns, row, out);
  else if (channels == 3) WeightedAlong<3>(columns, row, out);
  else WeightedAlong<4>(columns, row, out);
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
  if (columns.linear) return linear_along_row(columns, channels, row, out);
  HWY_DYNAMIC_DISPATCH(Along)(columns, channels, row, out);
}

void resize_across_rows(const ResizeAxis& axis, int64_t o, const float* const* rows, float* out, int64_t count) {
  HWY_DYNAMIC_DISPATCH(Across)(axis, o, rows, out, count);
}

}  // namespace batchwise
#endif
