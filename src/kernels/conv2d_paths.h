// Where a convolution's products find their rows and sums: tables of offsets, made once per kernel.
#pragma once

#include <vector>

#include "kernels/window2d.h"

namespace batchwise {

// Images with a margin of zeros around them, in scratch; without a margin they are read where they are.
struct MarginedImages {
  int64_t height = 0, width = 0, channels = 0;  // without the margin
  int64_t top = 0, bottom = 0, left = 0, right = 0;

  bool needs_copy() const { return top > 0 || bottom > 0 || left > 0 || right > 0; }
  int64_t row_count() const { return (left + width + right) * channels; }
  int64_t count() const { return (top + height + bottom) * row_count(); }
  int64_t scratch_bytes(int64_t images) const {
    return needs_copy() ? images * count() * static_cast<int64_t>(sizeof(float)) : 0;
  }
  // The images with their margin: `scratch` filled, or `images` itself.
  const float* margined(const float* images, int64_t number, float* scratch) const;
};

// The rows of a product in groups, one per (image, row of the image), and the stretches of A that each row sums over.
struct ProductPath {
  std::vector<int64_t> a_groups, c_groups;
  int64_t groups_per_image = 0;
  int64_t rows = 0;               // per group
  std::vector<int64_t> segments;  // offsets in A
  int64_t segment_length = 0;
  int64_t b_start = 0;  // first k of this path's part of B
};

struct ConvolutionShape {
  Window2D window;
  int64_t channels = 0, filters = 0, groups = 1;
};

// Output positions from margined inputs.
struct ForwardPath {
  MarginedImages images;
  ProductPath path;
  bool whole_rows = false;  // a segment spans a row of the window, else one tap
};
ForwardPath forward_path(const ConvolutionShape& shape, int64_t grain);

// Input positions from margined output gradients. Positions that are alike modulo the strides see the same taps: one
// path for each (row, column) remainder.
struct BackwardPaths {
  MarginedImages gradients;
  std::vector<ProductPath> phases;
  std::vector<int64_t> tap_order;  // the order in which the kernel's taps follow in B
};
BackwardPaths backward_paths(const ConvolutionShape& shape, int64_t grain);

}  // namespace batchwise
