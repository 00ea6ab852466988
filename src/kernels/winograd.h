// Convolutions of 3 x 3 with a quarter of the multiplications: Winograd's F(4x4, 3x3), in bands of tiles.
#pragma once

#include <batchwise/kernel.h>

#include "kernels/window.h"
#include "kernels/winograd_transforms.h"

namespace batchwise {

// Which passes of a convolution run this way: a fixed rule of shapes, never of machines or grains.
struct WinogradPasses {
  bool forward = false, input_gradient = false, weight_gradient = false;
};
WinogradPasses winograd_passes(const Window& window, int64_t channels, int64_t filters, int64_t groups);

// Kernels (3, 3, channels, filters) transformed: (36, panel of columns, row, 16). Forward: rows are channels, columns
// filters. Backward: taps rotated, rows are filters, columns channels. Converts from the layout of output_panels too.
WeightLayoutPtr winograd_forward_layout(int64_t channels, int64_t filters);
WeightLayoutPtr winograd_backward_layout(int64_t channels, int64_t filters);

// A convolution of images `from` into images `to`: forward, and backward to the inputs with the two swapped.
class WinogradConvolution {
 public:
  WinogradConvolution() = default;
  WinogradConvolution(const Window& window, int64_t channels, int64_t filters, bool backward);

  int64_t scratch_bytes(int64_t images) const;
  // `weights` as in the layout of the direction. Writes all of `images` images. The bits of one do not depend on
  // others.
  void run(int64_t images, const float* from, const float* weights, const float* bias, bool relu, float* to,
           void* scratch, const Share& share = {}) const;
  // Rows [first, first + count) of one image; `to`: where row `first` goes.
  // REQUIRES: `first` a multiple of kWinogradTile, and `count` too where rows follow.
  void rows(int64_t first, int64_t count, const float* from, const float* weights, const float* bias, bool relu,
            float* to, void* scratch) const;

 private:
  // Tiles [first, end), counted over all images.
  void run_tiles(int64_t first, int64_t end, const float* from, const float* weights, const float* bias, bool relu,
                 float* to, void* scratch) const;

  WinogradImages from_, to_;
};

// The gradient of the kernel, in output_panels: sums over all tiles of the images.
class WinogradWeightGradient {
 public:
  WinogradWeightGradient() = default;
  WinogradWeightGradient(const Window& window, int64_t channels, int64_t filters);

  int64_t scratch_bytes(int64_t images) const;
  // `accumulate`: added to what weight_gradient holds.
  void run(int64_t images, const float* inputs, const float* output_gradients, float* weight_gradient, bool accumulate,
           void* scratch) const;

 private:
  WinogradImages inputs_, gradients_;
};

}  // namespace batchwise
