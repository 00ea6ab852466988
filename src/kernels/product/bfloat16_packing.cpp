// Rounding to bfloat16 in vectors.
#include "kernels/product/bfloat16_packing.h"

#include <algorithm>
#include <cstring>

#include "base/element_cast.h"
#include "kernels/product/transpose.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/product/bfloat16_packing.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;
using Bits = hn::RebindToUnsigned<Lanes>;
using BitVector = hn::Vec<Bits>;
constexpr int64_t kLanes = static_cast<int64_t>(hn::MaxLanes(Lanes()));

// The rounded value in the upper half of each lane; what is below does not count.
HWY_INLINE BitVector rounded(Vector value) {
  const Bits d;
  const BitVector bits = hn::BitCast(d, value);
  const BitVector odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1u));
  const BitVector near = hn::Add(hn::Add(bits, hn::Set(d, 0x7FFFu)), odd);
  const BitVector quiet = hn::Or(bits, hn::Set(d, 0x400000u));
  return hn::IfThenElse(hn::RebindMask(d, hn::IsNaN(value)), quiet, near);
}

HWY_INLINE BitVector pairs(Vector even, Vector odd) {
  const Bits d;
  return hn::Or(hn::ShiftRight<16>(rounded(even)), hn::And(rounded(odd), hn::Set(d, 0xFFFF0000u)));
}

void round_values(const float* from, int64_t count, Bfloat16* to) {
#if HWY_TARGET == HWY_SCALAR
  for (int64_t i = 0; i < count; ++i) to[i] = float_to_bfloat16(from[i]);
#else
  const Lanes d;
  const auto two = [&](Vector low, Vector high)
                       HWY_ATTR { return pairs(hn::ConcatEven(d, high, low), hn::ConcatOdd(d, high, low)); };
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes)
    hn::StoreU(two(hn::LoadU(d, from + i), hn::LoadU(d, from + i + kLanes)), Bits(),
               reinterpret_cast<uint32_t*>(to + i));
  if (i == count) return;
  const auto load = [&](int64_t first) HWY_ATTR {
    const int64_t there = std::clamp<int64_t>(count - first, 0, kLanes);
    return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(there)), d, from + first);
  };
  alignas(64) Bfloat16 last[2 * kLanes];
  hn::StoreU(two(load(i), load(i + kLanes)), Bits(), reinterpret_cast<uint32_t*>(last));
  std::memcpy(to + i, last, static_cast<size_t>(count - i) * sizeof(Bfloat16));
#endif
}

void round_rows(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                int64_t depth) {
  for (int64_t r = 0; r < rows; ++r) {
    round_values(from + r * from_row, columns, to + r * to_row);
    std::fill(to + r * to_row + columns, to + r * to_row + depth, Bfloat16{0});
  }
}

// Two rows (null: zeros) of 16 columns, of which `valid` exist.
HWY_INLINE void pair_rows(const float* even, const float* odd, int64_t valid, uint32_t* to) {
  const Lanes d;
  const auto load = [&](const float* row, int64_t first) HWY_ATTR {
    if (!row) return hn::Zero(d);
    if (valid >= kPanel) return hn::LoadU(d, row + first);
    return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(std::clamp<int64_t>(valid - first, 0, kLanes))), d,
                          row + first);
  };
  for (int64_t v = 0; v < kPanel; v += kLanes) hn::StoreU(pairs(load(even, v), load(odd, v)), Bits(), to + v);
}

void round_pairs(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_panel,
                 int64_t depth) {
  for (int64_t first = 0; first < columns; first += kPanel, to += to_panel) {
    const int64_t valid = std::min(kPanel, columns - first);
    uint32_t* words = reinterpret_cast<uint32_t*>(to);
    for (int64_t k = 0; k < depth; k += 2, words += kPanel) {
      const float* even = from + k * from_row + first;
      pair_rows(k < rows ? even : nullptr, k + 1 < rows ? even + from_row : nullptr, valid, words);
    }
  }
}

// Pairs of 32 rows are 16 words for each column: a transpose of 16 x 16 words.
void round_gathered(const float* const* from, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                    int64_t depth) {
  alignas(64) float words[kPanel * kPanel], turned[kPanel * kPanel];
  for (int64_t first = 0; first < columns; first += kPanel) {
    const int64_t valid = std::min(kPanel, columns - first);
    for (int64_t k = 0; k < 32; k += 2)
      pair_rows(k < rows ? from[k] + first : nullptr, k + 1 < rows ? from[k + 1] + first : nullptr, valid,
                reinterpret_cast<uint32_t*>(words + k / 2 * kPanel));
    batchwise::transpose_block(words, turned);
    for (int64_t c = 0; c < valid; ++c)
      std::memcpy(to + (first + c) * to_row, turned + c * kPanel, static_cast<size_t>(depth) * sizeof(Bfloat16));
  }
}

void round_transposed(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                      int64_t depth) {
  const float* together[32];
  for (int64_t k = 0; k < depth; k += 32) {
    const int64_t count = std::clamp<int64_t>(rows - k, 0, 32);
    for (int64_t j = 0; j < count; ++j) together[j] = from + (k + j) * from_row;
    round_gathered(together, count, columns, to + k, to_row, std::min<int64_t>(32, depth - k));
  }
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(round_values);
HWY_EXPORT(round_rows);
HWY_EXPORT(round_pairs);
HWY_EXPORT(round_gathered);
HWY_EXPORT(round_transposed);

void round_values(const float* from, int64_t count, Bfloat16* to) {
  HWY_DYNAMIC_DISPATCH(round_values)(from, count, to);
}
void round_rows(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                int64_t depth) {
  HWY_DYNAMIC_DISPATCH(round_rows)(from, from_row, rows, columns, to, to_row, depth);
}
void round_pairs(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_panel,
                 int64_t depth) {
  HWY_DYNAMIC_DISPATCH(round_pairs)(from, from_row, rows, columns, to, to_panel, depth);
}
void round_transposed(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                      int64_t depth) {
  HWY_DYNAMIC_DISPATCH(round_transposed)(from, from_row, rows, columns, to, to_row, depth);
}
void round_transposed(const float* const* from, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                      int64_t depth) {
  HWY_DYNAMIC_DISPATCH(round_gathered)(from, rows, columns, to, to_row, depth);
}

}  // namespace batchwise
#endif
