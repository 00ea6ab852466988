// Masking by a ReLU's outputs and column sums in one pass.
#include "kernels/product/columns.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/product/columns.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Lanes()));
constexpr int64_t kRowsTogether = 128;

// kWide vectors of columns at `gradient`, of which the last has `valid` lanes when kTail.
template <int kWide, bool kTail, bool kMask>
void finish(float* gradient, const float* outputs, int64_t rows, int64_t stride, int64_t valid, float* sums) {
  const Lanes d;
  const auto mask = hn::FirstN(d, static_cast<size_t>(valid));
  const auto load = [&](const float* from, int v) HWY_ATTR {
    if constexpr (kTail) return hn::MaskedLoad(mask, d, from + v * kLanes);
    else return hn::LoadU(d, from + v * kLanes);
  };
  const auto store = [&](Vector value, float* to, int v) HWY_ATTR {
    if constexpr (kTail) hn::BlendedStore(value, mask, d, to + v * kLanes);
    else hn::StoreU(value, d, to + v * kLanes);
  };
  Vector total[kWide];
  for (int v = 0; v < kWide; ++v) total[v] = hn::Zero(d);
  for (int64_t first = 0; first < rows; first += kRowsTogether) {
    Vector sum[kWide];
    for (int v = 0; v < kWide; ++v) sum[v] = hn::Zero(d);
    for (int64_t row = first; row < std::min(rows, first + kRowsTogether); ++row)
      for (int v = 0; v < kWide; ++v) {
        Vector value = load(gradient + row * stride, v);
        if constexpr (kMask) {
          value = hn::IfThenElseZero(hn::Gt(load(outputs + row * stride, v), hn::Zero(d)), value);
          store(value, gradient + row * stride, v);
        }
        sum[v] = hn::Add(sum[v], value);
      }
    for (int v = 0; v < kWide; ++v) total[v] = hn::Add(total[v], sum[v]);
  }
  if (sums)
    for (int v = 0; v < kWide; ++v) store(total[v], sums, v);
}

template <bool kMask>
void finish_all(float* gradient, const float* outputs, int64_t rows, int64_t row, int64_t columns, float* sums) {
  int64_t column = 0;
  const auto at = [&](auto* from) { return from ? from + column : nullptr; };
  for (; column + 4 * kLanes <= columns; column += 4 * kLanes)
    finish<4, false, kMask>(gradient + column, at(outputs), rows, row, kLanes, at(sums));
  for (; column + kLanes <= columns; column += kLanes)
    finish<1, false, kMask>(gradient + column, at(outputs), rows, row, kLanes, at(sums));
  if (column < columns) finish<1, true, kMask>(gradient + column, at(outputs), rows, row, columns - column, at(sums));
}

void finish_columns(float* gradient, const float* outputs, int64_t rows, int64_t row, int64_t columns, float* sums) {
  outputs ? finish_all<true>(gradient, outputs, rows, row, columns, sums)
          : finish_all<false>(gradient, outputs, rows, row, columns, sums);
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(finish_columns);

void finish_columns(float* gradient, const float* outputs, int64_t rows, int64_t row, int64_t columns, float* sums) {
  if (!outputs && !sums) return;
  HWY_DYNAMIC_DISPATCH(finish_columns)(gradient, outputs, rows, row, columns, sums);
}

void finish_gradient(float* gradient, const float* outputs, int64_t rows, int64_t columns, float* sums) {
  finish_columns(gradient, outputs, rows, columns, columns, sums);
}

void sum_columns(const float* values, int64_t rows, int64_t columns, float* sums) {
  // Without a mask nothing is written to the values.
  finish_columns(const_cast<float*>(values), nullptr, rows, columns, columns, sums);
}

}  // namespace batchwise
#endif
