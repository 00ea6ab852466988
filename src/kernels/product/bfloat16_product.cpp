// The matrix product of bfloat16 operands: register tiles of rows times panels, by pairs of k.
#include "kernels/product/bfloat16_product.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "kernels/product/bfloat16_ways.h"
#include "kernels/simd/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/product/bfloat16_product.cpp"
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
constexpr int kLanes = static_cast<int>(hn::MaxLanes(Lanes()));
constexpr int kVectors = static_cast<int>(kPanel) / kLanes;  // per panel
constexpr int64_t kNoSegments[1] = {0};

// A pair of bfloat16 as two floats: exact, so products and sums are float32's.
struct FloatPairs {
  struct Pair {
    Vector even, odd;
  };
  static constexpr int kVectorsOfPair = 2;
  static HWY_INLINE Pair pair(BitVector bits) {
    const Bits d;
    return {hn::BitCast(Lanes(), hn::ShiftLeft<16>(bits)),
            hn::BitCast(Lanes(), hn::And(bits, hn::Set(d, 0xFFFF0000u)))};
  }
  static HWY_INLINE Vector add(const Pair& a, const Pair& b, Vector sum) {
    return hn::MulAdd(a.odd, b.odd, hn::MulAdd(a.even, b.even, sum));
  }
};

#if HWY_TARGET == HWY_AVX3
// AVX512_BF16 is no target of Highway's: the one instruction is written out.
struct NativePairs {
  using Pair = BitVector;
  static constexpr int kVectorsOfPair = 1;
  static HWY_INLINE Pair pair(BitVector bits) { return bits; }
  static HWY_INLINE Vector add(Pair a, Pair b, Vector sum) {
    asm("vdpbf16ps %2, %1, %0" : "+v"(sum.raw) : "v"(a.raw), "v"(b.raw));
    return sum;
  }
};
#endif

template <class Pairs>
constexpr int most_rows(int panels) {
  constexpr int registers = kLanes == 16 ? 32 : 16;
  const int vectors = panels * kVectors;
  const int operands = Pairs::kVectorsOfPair * (1 + (kLanes == 16 ? vectors : 1));
  const int rows = (registers - 1 - operands) / vectors;
  return rows < 1 ? 1 : rows > 14 ? 14 : rows;
}
constexpr int kMostPanels = kLanes == 16 ? 4 : 1;

// kTail: the last panel, of which only some columns exist in C.
template <class Pairs, int kRows, int kPanels, bool kTail>
void tile(const Bfloat16Product& p, const Bfloat16* rows_a, float* rows_c, int64_t panel) {
  const Lanes d;
  const Bits bits;
  constexpr int kWide = kPanels * kVectors;
  const int64_t valid = kTail ? p.columns - panel * kPanel : kPanel;
  const auto mask = [&](int v) {
    return hn::FirstN(d, static_cast<size_t>(std::clamp<int64_t>(valid - v * kLanes, 0, kLanes)));
  };
  const auto load = [&](const float* from, int v) HWY_ATTR {
    if constexpr (kTail) return hn::MaskedLoad(mask(v), d, from + v * kLanes);
    else return hn::LoadU(d, from + v * kLanes);
  };

  Vector sum[kRows][kWide];
#pragma GCC unroll 16
  for (int v = 0; v < kWide; ++v) {
    const Vector start = p.bias ? load(p.bias + panel * kPanel, v) : hn::Zero(d);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) sum[r][v] = start;
  }

  const Bfloat16* b = p.b + panel * p.b_panel;
  const int64_t* segments = p.a_segments ? p.a_segments : kNoSegments;
  const int64_t a_row = p.a_row, b_panel = p.b_panel;
  for (int64_t s = 0; s < p.segments; ++s) {
    const Bfloat16* a = rows_a + segments[s];
    for (int64_t j = 0; j < p.length; j += 2) {
      typename Pairs::Pair columns[kWide];
#pragma GCC unroll 16
      for (int q = 0; q < kPanels; ++q)
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v)
          columns[q * kVectors + v] =
              Pairs::pair(hn::LoadU(bits, reinterpret_cast<const uint32_t*>(b + q * b_panel) + v * kLanes));
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        uint32_t two;
        std::memcpy(&two, a + r * a_row, sizeof two);
        const typename Pairs::Pair value = Pairs::pair(hn::Set(bits, two));
#pragma GCC unroll 16
        for (int v = 0; v < kWide; ++v) sum[r][v] = Pairs::add(value, columns[v], sum[r][v]);
      }
      a += 2;
      b += 2 * kPanel;
    }
  }

#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 16
    for (int q = 0; q < kPanels; ++q)
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        float* to = rows_c + r * p.c_row + (panel + q) * p.c_panel;
        Vector value = sum[r][q * kVectors + v];
        if (p.accumulate) value = hn::Add(load(to, v), value);
        if (p.relu) value = hn::Max(hn::Zero(d), value);  // in this order NaN stays
        if constexpr (kTail) {
          if (p.c_padded) hn::StoreU(hn::IfThenElseZero(mask(v), value), d, to + v * kLanes);
          else hn::BlendedStore(value, mask(v), d, to + v * kLanes);
        } else {
          hn::StoreU(value, d, to + v * kLanes);
        }
      }
}

using Tile = void (*)(const Bfloat16Product&, const Bfloat16*, float*, int64_t);

template <class Pairs, int kPanels, bool kTail, int... kRows>
constexpr std::array<Tile, sizeof...(kRows)> tiles_of(std::integer_sequence<int, kRows...>) {
  return {&tile<Pairs, kRows + 1, kPanels, kTail>...};
}

// The rows in blocks of nearly equal height.
template <class Pairs, int kPanels, bool kTail>
void multiply_rows(const Bfloat16Product& p, int64_t panel) {
  constexpr int kMost = most_rows<Pairs>(kPanels);
  static constexpr auto kTiles = tiles_of<Pairs, kPanels, kTail>(std::make_integer_sequence<int, kMost>());
  const int64_t blocks = (p.rows + kMost - 1) / kMost;
  for (int64_t g = 0; g < p.groups; ++g) {
    const Bfloat16* a = p.a + (p.a_groups ? p.a_groups[g] : 0);
    float* c = p.c + (p.c_groups ? p.c_groups[g] : 0);
    for (int64_t i = 0; i < blocks; ++i) {
      const int64_t first = p.rows * i / blocks, last = p.rows * (i + 1) / blocks;
      kTiles[static_cast<size_t>(last - first - 1)](p, a + first * p.a_row, c + first * p.c_row, panel);
    }
  }
}

template <class Pairs>
void multiply_panels(const Bfloat16Product& p) {
  const int64_t whole = p.columns / kPanel;
  for (int64_t panel = 0; panel < whole;) {
    const int64_t tiles = (whole - panel + kMostPanels - 1) / kMostPanels;
    const int64_t width = (whole - panel + tiles - 1) / tiles;
    if constexpr (kMostPanels == 4) {
      if (width == 4) multiply_rows<Pairs, 4, false>(p, panel);
      if (width == 3) multiply_rows<Pairs, 3, false>(p, panel);
      if (width == 2) multiply_rows<Pairs, 2, false>(p, panel);
    }
    if (width == 1) multiply_rows<Pairs, 1, false>(p, panel);
    panel += width;
  }
  if (p.columns % kPanel != 0) multiply_rows<Pairs, 1, true>(p, whole);
}

void multiply_float32(const Bfloat16Product& p) { multiply_panels<FloatPairs>(p); }

void multiply_avx512([[maybe_unused]] const Bfloat16Product& p) {
#if HWY_TARGET == HWY_AVX3
  multiply_panels<NativePairs>(p);
#else
  multiply_panels<FloatPairs>(p);
#endif
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {
namespace {

HWY_EXPORT(multiply_float32);
HWY_EXPORT(multiply_avx512);

Bfloat16Way best_way() {
  for (const Bfloat16Way way : {Bfloat16Way::Amx, Bfloat16Way::Avx512})
    if (has(way)) return way;
  return Bfloat16Way::Float32;
}

}  // namespace

int64_t in_steps(int64_t length) {
  const int64_t steps = (length + 31) / 32;
  return steps == 0 ? 0 : steps * (((length + steps - 1) / steps + 1) / 2 * 2);
}

bool has(Bfloat16Way way) {
  static const bool amx = has_amx(), avx512 = has_avx512_bf16();
  return way == Bfloat16Way::Amx ? amx : way == Bfloat16Way::Avx512 ? avx512 : true;
}

void multiply(const Bfloat16Product& product, Bfloat16Way way) {
  if (product.rows <= 0 || product.columns <= 0) return;
  if (way == Bfloat16Way::Amx && product.segments > 0 && product.length > 0) multiply_amx(product);
  else if (way == Bfloat16Way::Float32) HWY_DYNAMIC_DISPATCH(multiply_float32)(product);
  else HWY_DYNAMIC_DISPATCH(multiply_avx512)(product);
}

void multiply(const Bfloat16Product& product) {
  static const Bfloat16Way way = best_way();
  multiply(product, way);
}

std::string bfloat16_instructions() {
  const Bfloat16Way way = best_way();
  return way == Bfloat16Way::Amx ? "amx_bf16" : way == Bfloat16Way::Avx512 ? "avx512_bf16" : "";
}

}  // namespace batchwise
#endif
