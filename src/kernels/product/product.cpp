// The matrix product: register tiles of rows times panels, compiled for each instruction set.
#include "kernels/product/product.h"

#include <algorithm>
#include <array>
#include <utility>

#include "kernels/product/copied_product.h"
#include "kernels/product/stretches.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/product/product.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace batchwise::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Lanes = hn::CappedTag<float, 16>;
using Vector = hn::Vec<Lanes>;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(Lanes()));
constexpr int kVectors = static_cast<int>(kPanel) / kLanes;  // per panel
constexpr int64_t kNoSegments[1] = {0};

// Rows of a tile of `panels` panels: as many accumulators as registers hold besides the operands.
constexpr int most_rows(int panels) {
  constexpr int registers = kLanes == 16 ? 32 : 16;
  const int vectors = panels * kVectors;
  const int rows = (registers - 2 - (vectors < 4 ? vectors : 1)) / vectors;
  return rows < 1 ? 1 : rows > 14 ? 14 : rows;
}
constexpr int kMostPanels = kLanes == 16 ? 4 : 1;
constexpr int kMostRows = most_rows(1);

// kTail: the last panel, of which only some columns exist.
template <int kRows, int kPanels, bool kTail>
void tile(const Product& p, const float* rows_a, float* rows_c, int64_t panel) {
  const Lanes d;
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

  const float* b = p.b + panel * p.b_panel;
  const int64_t* segments = p.a_segments ? p.a_segments : kNoSegments;
  const int64_t a_row = p.a_row, a_step = p.a_step, b_step = p.b_step, b_panel = p.b_panel;
  for (int64_t s = 0; s < p.segments; ++s) {
    // Three rows share a pointer, from which the other two lie at one and two times the same index: offsets of all rows
    // find no registers, and would be read anew in every step.
    const float* a[(kRows + 2) / 3];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; r += 3) a[r / 3] = rows_a + segments[s] + r * a_row;
    for (int64_t j = 0; j < p.length; ++j) {
      Vector columns[kWide];
#pragma GCC unroll 16
      for (int q = 0; q < kPanels; ++q)
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) columns[q * kVectors + v] = load(b + q * b_panel, v);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) {
        const Vector value = hn::Set(d, a[r / 3][r % 3 * a_row]);
#pragma GCC unroll 16
        for (int v = 0; v < kWide; ++v) sum[r][v] = hn::MulAdd(value, columns[v], sum[r][v]);
      }
#pragma GCC unroll 16
      for (int r = 0; r < kRows; r += 3) {
        a[r / 3] += a_step;
        asm("" : "+r"(a[r / 3]));  // else the compiler makes one pointer of them again
      }
      b += b_step;
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

using Tile = void (*)(const Product&, const float*, float*, int64_t);

template <int kPanels, bool kTail, int... kRows>
constexpr std::array<Tile, kMostRows> tiles_of(std::integer_sequence<int, kRows...>) {
  return {
      (kRows < most_rows(kPanels) ? &tile<(kRows < most_rows(kPanels) ? kRows + 1 : 1), kPanels, kTail> : nullptr)...};
}
template <int kPanels, bool kTail>
constexpr std::array<Tile, kMostRows> kTiles = tiles_of<kPanels, kTail>(std::make_integer_sequence<int, kMostRows>());

using Tiles = std::array<Tile, kMostRows>;

// The rows in blocks of nearly equal height: 16 rows in blocks of at most 6 are 6, 5, 5 and not 6, 6, 4.
void multiply_rows(const Product& p, const Tiles& tiles, int most, int64_t panel) {
  const int64_t blocks = (p.rows + most - 1) / most, low = p.rows / blocks, higher = p.rows % blocks;
  for (int64_t g = 0; g < p.groups; ++g) {
    const float* a = p.a + (p.a_groups ? p.a_groups[g] : 0);
    float* c = p.c + (p.c_groups ? p.c_groups[g] : 0);
    for (int64_t i = 0; i < blocks; ++i) {
      const int64_t rows = low + (i < higher);
      tiles[static_cast<size_t>(rows - 1)](p, a, c, panel);
      a += rows * p.a_row;
      c += rows * p.c_row;
    }
  }
}

void multiply_panels(const Product& p, const Tiles& tiles, int most, int64_t panel) {
  in_stretches(p, [&](const Product& stretch) { multiply_rows(stretch, tiles, most, panel); });
}

void multiply_in_place(const Product& p) {
  const int64_t whole = p.columns / kPanel;
  // Where all rows fit a tile of three panels, B is read once; in tiles of four it would be twice.
  const int64_t most = kMostPanels == 4 && p.rows > most_rows(4) && p.rows <= most_rows(3) ? 3 : kMostPanels;
  for (int64_t panel = 0; panel < whole;) {
    const int64_t tiles = (whole - panel + most - 1) / most;
    const int64_t width = (whole - panel + tiles - 1) / tiles;
    if constexpr (kMostPanels == 4) {
      if (width == 4) multiply_panels(p, kTiles<4, false>, most_rows(4), panel);
      if (width == 3) multiply_panels(p, kTiles<3, false>, most_rows(3), panel);
      if (width == 2) multiply_panels(p, kTiles<2, false>, most_rows(2), panel);
    }
    if (width == 1) multiply_panels(p, kTiles<1, false>, most_rows(1), panel);
    panel += width;
  }
  if (p.columns % kPanel != 0) multiply_panels(p, kTiles<1, true>, most_rows(1), whole);
}

}  // namespace
}  // namespace batchwise::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace batchwise {

HWY_EXPORT(multiply_in_place);

void multiply_in_place(const Product& product) { HWY_DYNAMIC_DISPATCH(multiply_in_place)(product); }

void multiply(const Product& product) {
  if (product.rows <= 0 || product.columns <= 0) return;
  is_worth_copying(product) ? multiply_copied(product) : multiply_in_place(product);
}

}  // namespace batchwise
#endif
