// The matrix product of bfloat16 operands by AMX: tiles of 16 rows times 16 columns, two by two.
#include "kernels/product/bfloat16_ways.h"

#include <algorithm>

#include "kernels/simd/targets.h"

#include <hwy/targets.h>

#if HWY_ARCH_X86_64 && defined(__linux__)

#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace batchwise {
namespace {

constexpr int64_t kTile = 16;  // rows of a tile

// What ldtilecfg reads.
struct alignas(64) TileShapes {
  uint8_t palette = 1, start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {};
  uint8_t rows[16] = {};
};

// Tiles 0 to 3 hold C, 4 and 5 A, 6 and 7 B.
TileShapes shapes_of(int64_t rows, int64_t step) {
  TileShapes shapes;
  const auto set = [&](int tile, int64_t height, int64_t bytes) {
    shapes.rows[tile] = static_cast<uint8_t>(height);
    shapes.row_bytes[tile] = static_cast<uint16_t>(bytes);
  };
  for (int tile : {0, 1, 2, 3}) set(tile, rows, 64);
  for (int tile : {4, 5}) set(tile, rows, step * 2);
  for (int tile : {6, 7}) set(tile, step / 2, 64);
  return shapes;
}

// A tile of C: the first `skipped` of its rows were written with the tile before.
struct Rows {
  const Bfloat16* a;
  float* c;
  int64_t skipped;
};

struct Sums {
  int64_t rows, steps, step;
};

}  // namespace
}  // namespace batchwise

HWY_PUSH_ATTRIBUTES("amx-tile,amx-bf16,avx512f,avx512vl,avx512bw,avx512dq")
namespace batchwise {
namespace {

void finish(const Bfloat16Product& p, const float* tile, int64_t rows, const Rows& to, int64_t panel) {
  const int64_t valid = std::min(kPanel, p.columns - panel * kPanel);
  const __mmask16 mask = static_cast<__mmask16>((1u << valid) - 1);
  const __mmask16 written = p.c_padded ? static_cast<__mmask16>(0xFFFF) : mask;
  const __m512 bias = p.bias ? _mm512_maskz_loadu_ps(mask, p.bias + panel * kPanel) : _mm512_setzero_ps();
  float* c = to.c + panel * p.c_panel;
  for (int64_t r = to.skipped; r < rows; ++r) {
    __m512 value = _mm512_add_ps(_mm512_load_ps(tile + r * kPanel), bias);
    if (p.accumulate) value = _mm512_add_ps(_mm512_maskz_loadu_ps(mask, c + r * p.c_row), value);
    if (p.relu) value = _mm512_maskz_max_ps(mask, _mm512_setzero_ps(), value);  // in this order NaN stays
    _mm512_mask_storeu_ps(c + r * p.c_row, written, _mm512_maskz_mov_ps(mask, value));
  }
}

template <int kRows, int kPanels>
void multiply_tiles(const Bfloat16Product& p, const Rows (&rows)[2], int64_t panel, const Sums& sums) {
  _tile_zero(0);
  if constexpr (kPanels == 2) _tile_zero(1);
  if constexpr (kRows == 2) _tile_zero(2);
  if constexpr (kRows == 2 && kPanels == 2) _tile_zero(3);
  const Bfloat16* b = p.b + panel * p.b_panel;
  const int64_t a_row = p.a_row * 2;
  for (int64_t s = 0; s < p.segments; ++s) {
    const int64_t segment = p.a_segments ? p.a_segments[s] : 0;
    const Bfloat16 *a0 = rows[0].a + segment, *a1 = rows[1].a + segment;
    for (int64_t i = 0; i < sums.steps; ++i) {
      _tile_loadd(4, a0, a_row);
      _tile_loadd(6, b, 64);
      _tile_dpbf16ps(0, 4, 6);
      if constexpr (kPanels == 2) {
        _tile_loadd(7, b + p.b_panel, 64);
        _tile_dpbf16ps(1, 4, 7);
      }
      if constexpr (kRows == 2) {
        _tile_loadd(5, a1, a_row);
        _tile_dpbf16ps(2, 5, 6);
        if constexpr (kPanels == 2) _tile_dpbf16ps(3, 5, 7);
      }
      a0 += sums.step;
      a1 += sums.step;
      b += sums.step * kPanel;
    }
  }

  alignas(64) float tile[kTile * kPanel];
  const bool plain = !p.bias && !p.accumulate && !p.relu;
  // The number of a tile is part of the instruction.
#define BATCHWISE_STORE(number, row, q)                                             \
  if (plain && rows[row].skipped == 0 && (panel + (q) + 1) * kPanel <= p.columns) { \
    _tile_stored(number, rows[row].c + (panel + (q)) * p.c_panel, p.c_row * 4);     \
  } else {                                                                          \
    _tile_stored(number, tile, 64);                                                 \
    finish(p, tile, sums.rows, rows[row], panel + (q));                             \
  }
  BATCHWISE_STORE(0, 0, 0)
  if constexpr (kPanels == 2) { BATCHWISE_STORE(1, 0, 1) }
  if constexpr (kRows == 2) { BATCHWISE_STORE(2, 1, 0) }
  if constexpr (kRows == 2 && kPanels == 2) { BATCHWISE_STORE(3, 1, 1) }
#undef BATCHWISE_STORE
}

template <int kPanels>
void multiply_panels(const Bfloat16Product& p, int64_t panel, const Sums& sums) {
  // Tiles are of one height: the last one of a group overlaps the one before it.
  const int64_t blocks = (p.rows + sums.rows - 1) / sums.rows, all = blocks * p.groups;
  const auto rows_at = [&](int64_t number) {
    const int64_t group = number / blocks, wanted = number % blocks * sums.rows;
    const int64_t first = std::min(wanted, p.rows - sums.rows);
    return Rows{p.a + (p.a_groups ? p.a_groups[group] : 0) + first * p.a_row,
                p.c + (p.c_groups ? p.c_groups[group] : 0) + first * p.c_row, wanted - first};
  };
  int64_t i = 0;
  for (; i + 1 < all; i += 2) multiply_tiles<2, kPanels>(p, {rows_at(i), rows_at(i + 1)}, panel, sums);
  if (i < all) multiply_tiles<1, kPanels>(p, {rows_at(i), rows_at(i)}, panel, sums);
}

}  // namespace

void multiply_amx(const Bfloat16Product& p) {
  const int64_t blocks = (p.rows + kTile - 1) / kTile, steps = (p.length + 31) / 32;
  const Sums sums{(p.rows + blocks - 1) / blocks, steps, p.length / steps};
  const TileShapes shapes = shapes_of(sums.rows, sums.step);
  asm volatile("" ::: "memory");  // the intrinsic does not say that it reads all of them
  _tile_loadconfig(&shapes);
  const int64_t panels = panels_of(p.columns);
  int64_t panel = 0;
  for (; panel + 1 < panels; panel += 2) multiply_panels<2>(p, panel, sums);
  if (panel < panels) multiply_panels<1>(p, panel, sums);
  _tile_release();
}

}  // namespace batchwise
HWY_POP_ATTRIBUTES

namespace batchwise {
namespace {

// Registers that cpuid gives for a leaf; zeros where there is none.
struct Leaf {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  Leaf(unsigned number, unsigned part) { __get_cpuid_count(number, part, &eax, &ebx, &ecx, &edx); }
};

}  // namespace

bool has_avx512_bf16() { return (hwy::SupportedTargets() & HWY_AVX3) && (Leaf(7, 1).eax >> 5 & 1); }

bool has_amx() {
  const unsigned edx = Leaf(7, 0).edx;
  if (!has_avx512_bf16() || !(edx >> 22 & 1) || !(edx >> 24 & 1)) return false;
  constexpr long kAskForState = 0x1023, kTileData = 18;  // Linux lends the registers to processes that ask
  return syscall(SYS_arch_prctl, kAskForState, kTileData) == 0;
}

}  // namespace batchwise

#else

namespace batchwise {

bool has_avx512_bf16() { return false; }
bool has_amx() { return false; }
void multiply_amx(const Bfloat16Product&) {}

}  // namespace batchwise

#endif
