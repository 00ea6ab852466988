// The part of a product that one of several lanes computes.
#include "kernels/product/product_share.h"

#include <algorithm>

namespace batchwise {

void multiply(const Product& whole, const Share& share) {
  if (share.count == 1) return multiply(whole);
  Product part = whole;
  const int64_t panels = panels_of(whole.columns), rows = whole.groups * whole.rows;
  if (panels >= share.count && (whole.columns > rows || rows < share.count)) {
    const int64_t first = share.begin(panels), end = share.end(panels);
    part.columns = std::min(whole.columns, end * kPanel) - first * kPanel;
    part.b += first * whole.b_panel;
    part.c += first * whole.c_panel;
    if (part.bias) part.bias += first * kPanel;
  } else if (whole.a_groups && whole.groups >= share.count) {
    const int64_t first = share.begin(whole.groups);
    part.groups = share.end(whole.groups) - first;
    part.a_groups += first;
    part.c_groups += first;
  } else {
    const int64_t first = share.begin(whole.rows);
    part.rows = share.end(whole.rows) - first;
    part.a += first * whole.a_row;
    part.c += first * whole.c_row;
  }
  if (part.rows > 0) multiply(part);
}

}  // namespace batchwise
