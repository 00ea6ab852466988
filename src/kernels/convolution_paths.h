// Where a convolution's products find their rows and sums: tables of offsets, made once per kernel.
#pragma once

#include <vector>

#include "kernels/window.h"

namespace batchwise {

// Positions along one axis, and zeros before and after them.
struct Margined {
  int64_t size = 1, before = 0, after = 0;
  int64_t whole() const { return before + size + after; }
};

// Images (volumes) with a margin of zeros around them, in scratch; without a margin they are read where they are.
struct MarginedImages {
  Margined depth, height, width;
  int64_t channels = 0;

  bool needs_copy() const { return count() != depth.size * height.size * width.size * channels; }
  int64_t row_count() const { return width.whole() * channels; }
  int64_t plane_count() const { return height.whole() * row_count(); }
  int64_t count() const { return depth.whole() * plane_count(); }
  int64_t scratch_bytes(int64_t images) const {
    return needs_copy() ? images * count() * static_cast<int64_t>(sizeof(float)) : 0;
  }
  // The images with their margin: `scratch` filled, or `images` itself.
  const float* margined(const float* images, int64_t number, float* scratch) const;
};

// The rows of a product in groups, one per row of positions of each image, and the stretches of A that each row sums
// over.
struct ProductPath {
  std::vector<int64_t> a_groups, c_groups;
  int64_t groups_per_image = 0;
  int64_t rows = 0;               // per group
  std::vector<int64_t> segments;  // offsets in A
  int64_t segment_length = 0;
  int64_t b_start = 0;  // first k of this path's part of B
};

struct ConvolutionShape {
  Window window;
  int64_t channels = 0, filters = 0, groups = 1;
  bool joined = true;  // neighbouring taps of a row may be one segment
};

// Output positions from margined inputs.
struct ForwardPath {
  MarginedImages images;
  ProductPath path;
  bool whole_rows = false;  // a segment spans a row of the window, else one tap
};
ForwardPath forward_path(const ConvolutionShape& shape, int64_t grain);

// Input positions from margined output gradients. Positions that are alike modulo the strides see the same taps: one
// path for each remainder along each axis.
struct BackwardPaths {
  MarginedImages gradients;
  std::vector<ProductPath> phases;
  std::vector<int64_t> tap_order;  // the order in which the kernel's taps follow in B
};
BackwardPaths backward_paths(const ConvolutionShape& shape, int64_t grain);

}  // namespace batchwise
