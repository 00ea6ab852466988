// The transforms of Winograd's F(4x4, 3x3): 36 numbers for a tile, so that convolving is multiplying one by one.
#pragma once

#include <cstdint>

namespace batchwise {

inline constexpr int64_t kWinogradPoints = 36;  // of a tile: 6 x 6
inline constexpr int64_t kWinogradTile = 4;     // outputs of a tile, down and across

// Images (H, W, channels) cut into tiles of 4 x 4, and where the first tile begins to read.
struct WinogradImages {
  int64_t height = 0, width = 0;
  int64_t channels = 0;          // a multiple of 16
  int64_t down = 0, across = 0;  // tiles of an image
  int64_t top = 0, left = 0;     // rows and columns of zeros before the image that tiles read
};

// Tiles [first, first + count), counted over all images. `planes`: value `point` of channel c of the tile first + i
// lies at planes[point * plane + i * channels + c].
struct WinogradBand {
  int64_t first = 0, count = 0;
  int64_t plane = 0;
};

// What tiles read (6 x 6, neighbours overlap by 2; outside the image: zeros), transformed. Allocates nothing.
void winograd_inputs(const WinogradImages& images, const WinogradBand& band, const float* from, float* planes);
// What tiles cover (4 x 4), spread to 36 values: the gradient's side of the gradient of the weights.
void winograd_gradients(const WinogradImages& images, const WinogradBand& band, const float* from, float* planes);
// Products back to the 4 x 4 outputs that lie in the image, plus `bias` (null: none), through a ReLU if wanted.
void winograd_outputs(const WinogradImages& images, const WinogradBand& band, const float* planes, const float* bias,
                      bool relu, float* to);

// 3 x 3 taps of 16 columns (tap t at from[t * tap]) to 36 points (point at to[p * plane]). `rotated`: taps last to
// first.
void winograd_weights(const float* from, int64_t tap, bool rotated, float* to, int64_t plane);
// The taps that one column's 36 points came from, but for rounding.
void winograd_taps(const float* from, int64_t plane, float* taps);
// The transposed way, for gradients: 36 points of 16 columns to 9 taps, for `count` neighbours 16 floats apart.
// `accumulate`: added to what `to` holds.
void winograd_weight_gradients(const float* from, int64_t plane, int64_t count, bool accumulate, float* to,
                               int64_t tap);

}  // namespace batchwise
