// The matrix product that dense and convolution layers are made of: C = A * B, with B and C in panels of 16 columns.
#pragma once

#include <cstdint>

namespace batchwise {

// Columns that lie side by side in a panel. The same on every instruction set, so layouts and results are as well.
inline constexpr int64_t kPanel = 16;
inline int64_t panels_of(int64_t columns) { return (columns + kPanel - 1) / kPanel; }
inline int64_t in_panels(int64_t columns) { return panels_of(columns) * kPanel; }

// Every element of C is a few chains of fused multiply-adds in the order of k, cut at places that only the segments,
// lengths and strides decide: the bits depend neither on the vector length nor on the rows beside it. Strides count
// floats.
struct Product {
  int64_t rows = 0;  // per group
  int64_t columns = 0;

  // Rows in groups, each at an offset of its own: output rows of images. Null offsets: one group at 0.
  int64_t groups = 1;
  const int64_t* a_groups = nullptr;
  const int64_t* c_groups = nullptr;

  // A(i, k), k = segment * length + j, lies at a[i * a_row + a_segments[segment] + j * a_step]. Null a_segments: one
  // segment at 0.
  const float* a = nullptr;
  int64_t a_row = 0;
  int64_t a_step = 1;
  const int64_t* a_segments = nullptr;
  int64_t segments = 1;
  int64_t length = 0;

  // B(k, 16 p + j) lies at b[p * b_panel + k * b_step + j].
  const float* b = nullptr;
  int64_t b_panel = kPanel;
  int64_t b_step = kPanel;

  // C(i, 16 p + j) lies at c[i * c_row + p * c_panel + j].
  float* c = nullptr;
  int64_t c_row = 0;
  int64_t c_panel = kPanel;

  bool c_padded = false;        // C has a whole last panel: columns past the last are written as zeros, else left alone
  bool accumulate = false;      // C += A * B, else C = A * B
  bool relu = false;            // C = max(C, 0) at the end
  const float* bias = nullptr;  // `columns` values where the chains start; null: zero
};

// Sums are cut into stretches of k: long enough to amortise reading C again, short enough that what four panels of B
// need of a stretch stays cached while all rows pass by. Rows of B that lie far apart compete for the same places in a
// cache.
inline int64_t stretch_of(const Product& p) { return p.b_step == kPanel ? 1024 : 256; }
// Whether every element of C leaves the registers once: accumulating is then adding the whole product.
inline bool in_one_stretch(const Product& p) { return p.segments * p.length <= stretch_of(p); }

// Allocates nothing.
void multiply(const Product& product);
// From where the matrices lie. REQUIRES: rows and columns.
void multiply_in_place(const Product& product);

}  // namespace batchwise
