// Rounding to bfloat16 in vectors.
#include "kernels/product/bfloat16_packing.h"

#include <algorithm>
#include <cstring>

#include "base/element_cast.h"
#include "kernels/product/transpose.h"
#include "kernels/simd/targets.h"

#ifndef BATCHWISE_PACKING_FUNCTIONS
#define BATCHWISE_PACKING_FUNCTIONS
namespace batchwise {

struct PackingFunctions {
  void (*values)(const float*, int64_t, Bfloat16*);
  void (*rows)(const float*, int64_t, int64_t, int64_t, Bfloat16*, int64_t, int64_t);
  void (*gathered)(const float* const*, int64_t, int64_t, Bfloat16*, int64_t, int64_t);
  void (*transposed)(const float*, int64_t, int64_t, int64_t, Bfloat16*, int64_t, int64_t);
  void (*pairs)(const float*, int64_t, int64_t, int64_t, Bfloat16*, int64_t, int64_t);
};

}  // namespace batchwise
#endif

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

// Rounding in whole numbers: even and odd lanes to pairs, or the lanes of two vectors in their order.
struct Portable {
  // The rounded value in the upper half of each lane; what is below does not count.
  static HWY_INLINE BitVector rounded(Vector value) {
    const Bits d;
    const BitVector bits = hn::BitCast(d, value);
    const BitVector odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(d, 1u));
    const BitVector near = hn::Add(hn::Add(bits, hn::Set(d, 0x7FFFu)), odd);
    const BitVector quiet = hn::Or(bits, hn::Set(d, 0x400000u));
    return hn::IfThenElse(hn::RebindMask(d, hn::IsNaN(value)), quiet, near);
  }
  static HWY_INLINE BitVector pairs(Vector even, Vector odd) {
    const Bits d;
    return hn::Or(hn::ShiftRight<16>(rounded(even)), hn::And(rounded(odd), hn::Set(d, 0xFFFF0000u)));
  }
#if HWY_TARGET != HWY_SCALAR
  static HWY_INLINE BitVector run(Vector low, Vector high) {
    const Lanes d;
    return pairs(hn::ConcatEven(d, high, low), hn::ConcatOdd(d, high, low));
  }
#endif
};

#if HWY_TARGET == HWY_AVX3
// AVX512_BF16 is no target of Highway's: the one instruction is written out.
struct Native {
  static HWY_INLINE BitVector run(Vector low, Vector high) {
    BitVector both;
    asm("vcvtne2ps2bf16 %2, %1, %0" : "=v"(both.raw) : "v"(high.raw), "v"(low.raw));
    return both;
  }
  static HWY_INLINE BitVector pairs(Vector even, Vector odd) {
    alignas(64) static constexpr uint16_t kInTurns[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                          8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
    return BitVector{_mm512_permutexvar_epi16(_mm512_load_si512(kInTurns), run(even, odd).raw)};
  }
};
#endif

template <class Rounding>
void round_values(const float* from, int64_t count, Bfloat16* to) {
#if HWY_TARGET == HWY_SCALAR
  for (int64_t i = 0; i < count; ++i) to[i] = float_to_bfloat16(from[i]);
#else
  const Lanes d;
  int64_t i = 0;
  for (; i + 2 * kLanes <= count; i += 2 * kLanes)
    hn::StoreU(Rounding::run(hn::LoadU(d, from + i), hn::LoadU(d, from + i + kLanes)), Bits(),
               reinterpret_cast<uint32_t*>(to + i));
  if (i == count) return;
  const auto load = [&](int64_t first) HWY_ATTR {
    const int64_t there = std::clamp<int64_t>(count - first, 0, kLanes);
    return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(there)), d, from + first);
  };
  alignas(64) Bfloat16 last[2 * kLanes];
  hn::StoreU(Rounding::run(load(i), load(i + kLanes)), Bits(), reinterpret_cast<uint32_t*>(last));
  std::memcpy(to + i, last, static_cast<size_t>(count - i) * sizeof(Bfloat16));
#endif
}

template <class Rounding>
void round_rows(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                int64_t depth) {
  for (int64_t r = 0; r < rows; ++r) {
    round_values<Rounding>(from + r * from_row, columns, to + r * to_row);
    std::fill(to + r * to_row + columns, to + r * to_row + depth, Bfloat16{0});
  }
}

// Two rows (null: zeros) of 16 columns, of which `valid` exist.
template <class Rounding>
HWY_INLINE void pair_rows(const float* even, const float* odd, int64_t valid, uint32_t* to) {
  const Lanes d;
  const auto load = [&](const float* row, int64_t first) HWY_ATTR {
    if (!row) return hn::Zero(d);
    if (valid >= kPanel) return hn::LoadU(d, row + first);
    return hn::MaskedLoad(hn::FirstN(d, static_cast<size_t>(std::clamp<int64_t>(valid - first, 0, kLanes))), d,
                          row + first);
  };
  for (int64_t v = 0; v < kPanel; v += kLanes) hn::StoreU(Rounding::pairs(load(even, v), load(odd, v)), Bits(), to + v);
}

template <class Rounding>
void round_pairs(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_panel,
                 int64_t depth) {
  for (int64_t first = 0; first < columns; first += kPanel, to += to_panel) {
    const int64_t valid = std::min(kPanel, columns - first);
    uint32_t* words = reinterpret_cast<uint32_t*>(to);
    for (int64_t k = 0; k < depth; k += 2, words += kPanel) {
      const float* even = from + k * from_row + first;
      pair_rows<Rounding>(k < rows ? even : nullptr, k + 1 < rows ? even + from_row : nullptr, valid, words);
    }
  }
}

// Pairs of 32 rows are 16 words for each column: a transpose of 16 x 16 words.
template <class Rounding>
void round_gathered(const float* const* from, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                    int64_t depth) {
  alignas(64) float words[kPanel * kPanel], turned[kPanel * kPanel];
  for (int64_t first = 0; first < columns; first += kPanel) {
    const int64_t valid = std::min(kPanel, columns - first);
    for (int64_t k = 0; k < 32; k += 2)
      pair_rows<Rounding>(k < rows ? from[k] + first : nullptr, k + 1 < rows ? from[k + 1] + first : nullptr, valid,
                          reinterpret_cast<uint32_t*>(words + k / 2 * kPanel));
    batchwise::transpose_block(words, turned);
    for (int64_t c = 0; c < valid; ++c)
      std::memcpy(to + (first + c) * to_row, turned + c * kPanel, static_cast<size_t>(depth) * sizeof(Bfloat16));
  }
}

template <class Rounding>
void round_transposed(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                      int64_t depth) {
  const float* together[32];
  for (int64_t k = 0; k < depth; k += 32) {
    const int64_t count = std::clamp<int64_t>(rows - k, 0, 32);
    for (int64_t j = 0; j < count; ++j) together[j] = from + (k + j) * from_row;
    round_gathered<Rounding>(together, count, columns, to + k, to_row, std::min<int64_t>(32, depth - k));
  }
}

template <class Rounding>
constexpr PackingFunctions kFunctions{&round_values<Rounding>, &round_rows<Rounding>, &round_gathered<Rounding>,
                                      &round_transposed<Rounding>, &round_pairs<Rounding>};

const PackingFunctions& functions([[maybe_unused]] bool native) {
#if HWY_TARGET == HWY_AVX3
  if (native) return kFunctions<Native>;
#endif
  return kFunctions<Portable>;
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
namespace {

HWY_EXPORT(functions);

const PackingFunctions& chosen() {
  static const bool native = has(Bfloat16Way::Avx512);
  return HWY_DYNAMIC_DISPATCH(functions)(native);
}

}  // namespace

void round_values(const float* from, int64_t count, Bfloat16* to) { chosen().values(from, count, to); }
void round_rows(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                int64_t depth) {
  chosen().rows(from, from_row, rows, columns, to, to_row, depth);
}
void round_pairs(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_panel,
                 int64_t depth) {
  chosen().pairs(from, from_row, rows, columns, to, to_panel, depth);
}
void round_transposed(const float* from, int64_t from_row, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                      int64_t depth) {
  chosen().transposed(from, from_row, rows, columns, to, to_row, depth);
}
void round_transposed(const float* const* from, int64_t rows, int64_t columns, Bfloat16* to, int64_t to_row,
                      int64_t depth) {
  chosen().gathered(from, rows, columns, to, to_row, depth);
}

}  // namespace batchwise
#endif
