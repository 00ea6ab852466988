// Pieces of a product: rounded into scratch, multiplied, added up in C.
#include "kernels/product/rounded_product.h"

#include <algorithm>
#include <array>

#include "base/element_cast.h"
#include "kernels/product/bfloat16_packing.h"

namespace batchwise {
namespace {

constexpr int64_t kRows = 128, kColumns = 256, kDepth = 512;  // of a piece: half of a second-level cache

// The equal pieces of whole steps that a sum is cut into.
int64_t depth_of_piece(int64_t depth) {
  const int64_t pieces = (depth + kDepth - 1) / kDepth;
  return std::min((depth + pieces - 1) / pieces + 1, kDepth) / 2 * 2;
}

// What k of A's rows lie at: segments one after another.
class Depths {
 public:
  explicit Depths(const Product& product) : p_(product) {}
  int64_t place(int64_t k) const {
    return (p_.a_segments ? p_.a_segments[k / p_.length] : 0) + k % p_.length * p_.a_step;
  }
  // Of k, those up to `end` that follow at a_step.
  int64_t run(int64_t k, int64_t end) const { return std::min(p_.length - k % p_.length, end - k); }

 private:
  const Product& p_;
};

// Rows [0, rows) of a group of A, k from `first` to `end`, to rows of `depth` elements.
void round_a(const Product& p, const float* a, int64_t rows, int64_t first, int64_t end, Bfloat16* to, int64_t depth) {
  const Depths depths(p);
  if (p.a_row == 1 && p.a_step != 1) {
    std::array<const float*, 32> columns;
    for (int64_t k = first; k < end; k += 32) {
      const int64_t count = std::min<int64_t>(32, end - k);
      for (int64_t j = 0; j < count; ++j) columns[static_cast<size_t>(j)] = a + depths.place(k + j);
      round_transposed(columns.data(), count, rows, to + (k - first), depth, std::min<int64_t>(32, depth - k + first));
    }
    return;
  }
  for (int64_t r = 0; r < rows; ++r) {
    Bfloat16* row = to + r * depth;
    for (int64_t k = first; k < end;) {
      const int64_t count = depths.run(k, end);
      const float* from = a + r * p.a_row + depths.place(k);
      if (p.a_step == 1) round_values(from, count, row + k - first);
      else
        for (int64_t j = 0; j < count; ++j) row[k - first + j] = float_to_bfloat16(from[j * p.a_step]);
      k += count;
    }
    std::fill(row + end - first, row + depth, Bfloat16{0});
  }
}

void round_b(const Product& p, const float* b, int64_t columns, int64_t depth, int64_t padded, Bfloat16* to) {
  for (int64_t first = 0; first < columns; first += kPanel, b += p.b_panel, to += padded * kPanel)
    round_pairs(b, p.b_step, depth, std::min(kPanel, columns - first), to, padded * kPanel, padded);
}

// One piece of k and of the columns: all rows, some at a time.
void multiply_rows(const Product& p, Bfloat16Product& piece, int64_t first, int64_t end, Bfloat16* rounded) {
  const int64_t depth = piece.length;
  std::array<int64_t, kRows> places;
  piece.a = rounded;
  piece.a_row = depth;
  const int64_t together = std::max<int64_t>(1, kRows / p.rows);  // groups
  float* c = piece.c;
  for (int64_t g = 0; g < p.groups; g += together) {
    piece.groups = std::min(together, p.groups - g);
    piece.c_groups = p.c_groups ? p.c_groups + g : nullptr;
    piece.a_groups = places.data();
    for (int64_t row = 0; row < p.rows; row += piece.rows) {
      piece.rows = std::min(kRows, p.rows - row);
      piece.c = c + row * p.c_row;
      for (int64_t i = 0; i < piece.groups; ++i) {
        const float* a = p.a + (p.a_groups ? p.a_groups[g + i] : 0) + row * p.a_row;
        places[static_cast<size_t>(i)] = i * piece.rows * depth;
        round_a(p, a, piece.rows, first, end, rounded + places[static_cast<size_t>(i)], depth);
      }
      multiply(piece);
    }
  }
  piece.c = c;
}

}  // namespace

int64_t rounding_bytes(int64_t rows, int64_t depth) {
  return std::min(rows, kRows) * in_steps(depth) * static_cast<int64_t>(sizeof(Bfloat16));
}

void multiply(const Product& p, const Bfloat16* pairs, void* rounding) {
  const int64_t all = p.segments * p.length;
  if (p.rows <= 0 || p.columns <= 0) return;
  Bfloat16Product piece;
  piece.columns = p.columns;
  piece.length = in_steps(all);
  piece.b = pairs;
  piece.b_panel = piece.length * kPanel;
  piece.c = p.c;
  piece.c_row = p.c_row;
  piece.c_panel = p.c_panel;
  piece.c_padded = p.c_padded;
  piece.accumulate = p.accumulate;
  piece.relu = p.relu;
  piece.bias = p.bias;
  multiply_rows(p, piece, 0, all, static_cast<Bfloat16*>(rounding));
}

int64_t rounding_bytes(int64_t rows, int64_t columns, int64_t depth) {
  return (std::min(rows, kRows) + in_panels(std::min(columns, kColumns))) * in_steps(depth_of_piece(depth)) *
         static_cast<int64_t>(sizeof(Bfloat16));
}

void multiply(const Product& p, void* rounding) {
  const int64_t all = p.segments * p.length;
  if (!rounding || all == 0) return multiply(p);
  if (p.rows <= 0 || p.columns <= 0) return;
  const int64_t most = depth_of_piece(all);
  auto* b = static_cast<Bfloat16*>(rounding);
  for (int64_t k = 0; k < all; k += most) {
    const int64_t end = std::min(k + most, all);
    Bfloat16Product piece;
    piece.length = in_steps(end - k);
    piece.b_panel = piece.length * kPanel;
    piece.c_row = p.c_row;
    piece.c_panel = p.c_panel;
    piece.c_padded = p.c_padded;
    piece.accumulate = p.accumulate || k > 0;
    piece.relu = p.relu && end == all;
    piece.b = b;
    for (int64_t column = 0; column < p.columns; column += kColumns) {
      const int64_t panel = column / kPanel;
      piece.columns = std::min(kColumns, p.columns - column);
      piece.bias = p.bias && k == 0 ? p.bias + column : nullptr;
      piece.c = p.c + panel * p.c_panel;
      round_b(p, p.b + panel * p.b_panel + k * p.b_step, piece.columns, end - k, piece.length, b);
      multiply_rows(p, piece, k, end, b + panels_of(piece.columns) * piece.b_panel);
    }
  }
}

}  // namespace batchwise
