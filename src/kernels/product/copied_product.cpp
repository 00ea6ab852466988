// Of the two factors, the one whose steps of k are further apart is copied side by side, a part at a time.
#include "kernels/product/copied_product.h"

#include <algorithm>
#include <cstring>

#include "kernels/product/stretches.h"

namespace batchwise {
namespace {

constexpr int64_t kFar = 192;  // from one step of k to the next
constexpr int64_t kLeastRows = 48, kLeastSteps = 48;
constexpr int64_t kMostSteps = 256;  // of a stretch
constexpr int64_t kRows = 24;        // of A: whole tiles, whatever their height
constexpr int64_t kWidest = 4 * kPanel;
constexpr int64_t kCopyOfB = kWidest * kMostSteps;  // elements
constexpr int64_t kNearB = 4 * kCopyOfB;            // that stay in the second-level cache while rows pass by

// From column `first` on, so many that `elements` of B serve them.
Product some_columns(const Product& stretch, int64_t first, int64_t elements) {
  const int64_t most = std::max(kWidest, elements / (stretch.segments * stretch.length) / kWidest * kWidest);
  Product part = stretch;
  part.columns = std::min(most, stretch.columns - first);
  part.b += first / kPanel * stretch.b_panel;
  part.c += first / kPanel * stretch.c_panel;
  if (part.bias) part.bias += first;
  return part;
}

// (k, kRows)
void copy_rows(const Product& p, const float* a, int64_t rows, float* copy) {
  for (int64_t s = 0; s < p.segments; ++s) {
    const float* from = a + (p.a_segments ? p.a_segments[s] : 0);
    for (int64_t j = 0; j < p.length; ++j, from += p.a_step, copy += kRows) {
      if (rows == kRows) std::memcpy(copy, from, kRows * sizeof(float));
      else std::memcpy(copy, from, static_cast<size_t>(rows) * sizeof(float));
    }
  }
}

// Panels of (k, 16).
void copy_columns(const Product& p, float* copy) {
  const int64_t steps = p.segments * p.length, whole = p.columns / kPanel, rest = p.columns % kPanel;
  const float* b = p.b;
  for (int64_t k = 0; k < steps; ++k, b += p.b_step, copy += kPanel) {
    for (int64_t panel = 0; panel < whole; ++panel)
      std::memcpy(copy + panel * steps * kPanel, b + panel * p.b_panel, kPanel * sizeof(float));
    if (rest) std::copy_n(b + whole * p.b_panel, rest, copy + whole * steps * kPanel);
  }
}

void multiply_with_copied_rows(const Product& stretch) {
  alignas(64) float copy[kRows * kMostSteps];
  for (int64_t first = 0; first < stretch.columns;) {
    const Product all = some_columns(stretch, first, kNearB);
    Product part = all;
    part.a = copy, part.a_step = kRows, part.length = all.segments * all.length;
    part.segments = part.groups = 1;
    part.a_segments = part.a_groups = part.c_groups = nullptr;
    for (int64_t g = 0; g < all.groups; ++g)
      for (int64_t row = 0; row < all.rows; row += kRows) {
        part.rows = std::min(kRows, all.rows - row);
        part.c = all.c + (all.c_groups ? all.c_groups[g] : 0) + row * all.c_row;
        copy_rows(all, all.a + (all.a_groups ? all.a_groups[g] : 0) + row, part.rows, copy);
        multiply_in_place(part);
      }
    first += all.columns;
  }
}

void multiply_with_copied_columns(const Product& stretch) {
  alignas(64) float copy[kCopyOfB];
  for (int64_t first = 0; first < stretch.columns;) {
    Product part = some_columns(stretch, first, kCopyOfB);
    copy_columns(part, copy);
    part.b = copy, part.b_step = kPanel, part.b_panel = part.segments * part.length * kPanel;
    multiply_in_place(part);
    first += part.columns;
  }
}

}  // namespace

bool is_worth_copying(const Product& p) {
  return p.a_row == 1 && std::max(p.a_step, p.b_step) > kFar && stretch_of(p) <= kMostSteps &&
         p.groups * p.rows >= kLeastRows && p.segments * p.length >= kLeastSteps;
}

void multiply_copied(const Product& p) {
  in_stretches(p, p.a_step >= p.b_step ? multiply_with_copied_rows : multiply_with_copied_columns);
}

}  // namespace batchwise
