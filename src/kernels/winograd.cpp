// Winograd convolution: transforms and products band by band, so that what lies between them stays in a core's cache.
#include "kernels/winograd.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include <batchwise/error.h>

#include "kernels/product/panel_layout.h"
#include "kernels/product/product.h"
#include "kernels/product/transpose.h"

namespace batchwise {
namespace {

constexpr int64_t kFloat = static_cast<int64_t>(sizeof(float));
constexpr int64_t kBandBytes = 512 << 10;  // half of a second-level cache: weights pass through the rest

// Tiles of a band: enough rows for a product even where many channels overflow the cache.
int64_t band_tiles(int64_t values) {
  return std::clamp<int64_t>(kBandBytes / (kWinogradPoints * values * kFloat), 28, 128);
}
// Planes a multiple of 4 KiB apart would compete for the same places in a cache.
int64_t plane_floats(int64_t tiles, int64_t channels) { return tiles * channels + kPanel; }

// Calls work(first, count) for nearly equal bands of tiles [first, end).
template <class Work>
void for_bands(int64_t first, int64_t end, int64_t most, Work work) {
  const int64_t tiles = end - first, bands = (tiles + most - 1) / most;
  for (int64_t i = 0; i < bands; ++i) {
    const int64_t begin = tiles * i / bands;
    work(first + begin, tiles * (i + 1) / bands - begin);
  }
}

WinogradImages tiled(int64_t height, int64_t width, int64_t channels, int64_t rows, int64_t columns) {
  return {.height = height,
          .width = width,
          .channels = channels,
          .down = (rows + kWinogradTile - 1) / kWinogradTile,
          .across = (columns + kWinogradTile - 1) / kWinogradTile};
}
int64_t tiles_of(const WinogradImages& images, int64_t number) { return number * images.down * images.across; }

class WinogradLayout : public WeightLayout {
 public:
  WinogradLayout(int64_t channels, int64_t filters, bool backward)
      : panels_(output_panels({9, channels, filters, 1})),
        channels_(channels),
        filters_(filters),
        backward_(backward) {}

  int64_t bytes() const override { return kWinogradPoints * plane() * kFloat; }
  void pack(const float* canonical, float* stored) const override { convert(nullptr, canonical, stored); }

  // Taps are differences and ends of the points: exact but for rounding, so this is for looking, never for keeping.
  void unpack(const float* stored, float* canonical) const override {
    for (int64_t c = 0; c < channels_; ++c)
      for (int64_t f = 0; f < filters_; ++f) {
        const int64_t row = backward_ ? f : c, column = backward_ ? c : f, rows = backward_ ? filters_ : channels_;
        const float* points = stored + (column / kPanel * rows + row) * kPanel + column % kPanel;
        float taps[9];
        winograd_taps(points, plane(), taps);
        for (int64_t t = 0; t < 9; ++t) canonical[(t * channels_ + c) * filters_ + f] = taps[backward_ ? 8 - t : t];
      }
  }

  void convert(const WeightLayout* from, const float* source, float* stored) const override {
    if (from && same(*from)) {
      std::memcpy(stored, source, static_cast<size_t>(bytes()));
      return;
    }
    require(!from || from->same(*panels_), "WinogradLayout",
            "the source must be canonical or in panels of outputs. Got another layout.");
    // Where (channel 0, filters [f, f + 16)) of tap 0 lies, and how far the next channel and tap are.
    const int64_t panel = from ? 9 * channels_ * kPanel : kPanel;
    const int64_t channel = from ? kPanel : filters_, tap = channels_ * channel;
    for (int64_t f = 0; f < filters_; f += kPanel)
      for (int64_t c = 0; c < channels_; c += kPanel) {
        const float* block = source + f / kPanel * panel + c * channel;
        if (backward_) transposed_block(block, channel, tap, stored + (c / kPanel * filters_ + f) * kPanel);
        else
          for (int64_t i = 0; i < kPanel; ++i)
            winograd_weights(block + i * channel, tap, false, stored + (f / kPanel * channels_ + c + i) * kPanel,
                             plane());
      }
  }

  bool same(const WeightLayout& other) const override {
    const auto* layout = dynamic_cast<const WinogradLayout*>(&other);
    return layout && layout->channels_ == channels_ && layout->filters_ == filters_ && layout->backward_ == backward_;
  }

 private:
  int64_t plane() const { return channels_ * filters_; }

  void transposed_block(const float* block, int64_t channel, int64_t tap, float* to) const {
    float points[kWinogradPoints][kPanel * kPanel];
    for (int64_t i = 0; i < kPanel; ++i)
      winograd_weights(block + i * channel, tap, true, points[0] + i * kPanel, kPanel * kPanel);
    for (int64_t p = 0; p < kWinogradPoints; ++p) transpose_block(points[p], to + p * plane());
  }

  WeightLayoutPtr panels_;
  int64_t channels_, filters_;
  bool backward_;
};

}  // namespace

// Measured against direct products, whole training steps of one lane: 1.3 to 2 times as fast from images of 7 on for 16
// to 256 channels, with batches of 8 as well, for which 4 x 4 would be too little work for weights that are transformed
// at every update. Beyond 256 x 256 the transformed weights, four times as large, cost more memory than they save time.
WinogradPasses winograd_passes(const Window& window, int64_t channels, int64_t filters, int64_t groups) {
  const auto fits = [](const WindowAxis& axis) {
    return axis.window == 3 && axis.stride == 1 && axis.dilation == 1 && axis.before <= 2 && axis.output >= 7;
  };
  if (groups != 1 || window.rank != 2 || !fits(window.height) || !fits(window.width) || channels % kPanel != 0 ||
      filters % kPanel != 0 || channels * filters > 256 * 256)
    return {};
  return {.forward = true, .input_gradient = true, .weight_gradient = true};
}

WeightLayoutPtr winograd_forward_layout(int64_t channels, int64_t filters) {
  return std::make_shared<WinogradLayout>(channels, filters, false);
}
WeightLayoutPtr winograd_backward_layout(int64_t channels, int64_t filters) {
  return std::make_shared<WinogradLayout>(channels, filters, true);
}

WinogradConvolution::WinogradConvolution(const Window& window, int64_t channels, int64_t filters, bool backward) {
  const WindowAxis &height = window.height, &width = window.width;
  const int64_t rows = backward ? height.input : height.output, columns = backward ? width.input : width.output;
  from_ = tiled(backward ? height.output : height.input, backward ? width.output : width.input,
                backward ? filters : channels, rows, columns);
  from_.top = backward ? 2 - height.before : height.before;
  from_.left = backward ? 2 - width.before : width.before;
  to_ = tiled(rows, columns, backward ? channels : filters, rows, columns);
}

int64_t WinogradConvolution::scratch_bytes(int64_t images) const {
  const int64_t tiles = std::min(tiles_of(to_, images), band_tiles(from_.channels + to_.channels));
  return kWinogradPoints * (plane_floats(tiles, from_.channels) + plane_floats(tiles, to_.channels)) * kFloat;
}

void WinogradConvolution::run(int64_t images, const float* from, const float* weights, const float* bias, bool relu,
                              float* to, void* scratch, const Share& share) const {
  const int64_t tiles = tiles_of(to_, images);
  run_tiles(share.begin(tiles), share.end(tiles), from, weights, bias, relu, to, scratch);
}

void WinogradConvolution::rows(int64_t first, int64_t count, const float* from, const float* weights, const float* bias,
                               bool relu, float* to, void* scratch) const {
  const int64_t begin = first / kWinogradTile, end = (first + count + kWinogradTile - 1) / kWinogradTile;
  run_tiles(begin * to_.across, end * to_.across, from, weights, bias, relu, to - first * to_.width * to_.channels,
            scratch);
}

void WinogradConvolution::run_tiles(int64_t first, int64_t end, const float* from, const float* weights,
                                    const float* bias, bool relu, float* to, void* scratch) const {
  if (first == end) return;  // a lane's share where lanes outnumber tiles
  const int64_t most = std::min(end - first, band_tiles(from_.channels + to_.channels));
  const int64_t plane = plane_floats(most, from_.channels), result = plane_floats(most, to_.channels);
  float* planes = static_cast<float*>(scratch);
  float* results = planes + kWinogradPoints * plane;
  Product product;
  product.columns = to_.channels;
  product.a_row = from_.channels;
  product.length = from_.channels;
  product.b_panel = from_.channels * kPanel;
  product.c_row = to_.channels;
  for_bands(first, end, most, [&](int64_t begin, int64_t count) {
    winograd_inputs(from_, {begin, count, plane}, from, planes);
    product.rows = count;
    for (int64_t p = 0; p < kWinogradPoints; ++p) {
      product.a = planes + p * plane;
      product.b = weights + p * from_.channels * to_.channels;
      product.c = results + p * result;
      multiply(product);
    }
    winograd_outputs(to_, {begin, count, result}, results, bias, relu, to);
  });
}

WinogradWeightGradient::WinogradWeightGradient(const Window& window, int64_t channels, int64_t filters) {
  const WindowAxis &height = window.height, &width = window.width;
  inputs_ = tiled(height.input, width.input, channels, height.output, width.output);
  inputs_.top = height.before;
  inputs_.left = width.before;
  gradients_ = tiled(height.output, width.output, filters, height.output, width.output);
}

int64_t WinogradWeightGradient::scratch_bytes(int64_t images) const {
  const int64_t channels = inputs_.channels, filters = gradients_.channels;
  const int64_t tiles = std::min(tiles_of(gradients_, images), band_tiles(channels + filters));
  return kWinogradPoints * (plane_floats(tiles, channels) + plane_floats(tiles, filters) + channels * filters) * kFloat;
}

void WinogradWeightGradient::run(int64_t images, const float* inputs, const float* output_gradients,
                                 float* weight_gradient, bool accumulate, void* scratch) const {
  const int64_t channels = inputs_.channels, filters = gradients_.channels;
  const int64_t most = std::min(tiles_of(gradients_, images), band_tiles(channels + filters));
  const int64_t plane = plane_floats(most, channels), gradient_plane = plane_floats(most, filters);
  float* planes = static_cast<float*>(scratch);
  float* gradient_planes = planes + kWinogradPoints * plane;
  float* sums = gradient_planes + kWinogradPoints * gradient_plane;
  Product product;
  product.rows = channels;
  product.columns = filters;
  product.a_row = 1;
  product.a_step = channels;
  product.b_step = filters;
  product.c_row = kPanel;
  product.c_panel = channels * kPanel;
  for_bands(0, tiles_of(gradients_, images), most, [&](int64_t first, int64_t count) {
    winograd_inputs(inputs_, {first, count, plane}, inputs, planes);
    winograd_gradients(gradients_, {first, count, gradient_plane}, output_gradients, gradient_planes);
    product.length = count;
    product.accumulate = first > 0;
    for (int64_t p = 0; p < kWinogradPoints; ++p) {
      product.a = planes + p * plane;
      product.b = gradient_planes + p * gradient_plane;
      product.c = sums + p * channels * filters;
      multiply(product);
    }
  });
  for (int64_t f = 0; f < filters; f += kPanel)
    winograd_weight_gradients(sums + f * channels, channels * filters, channels, accumulate,
                              weight_gradient + f * 9 * channels, channels * kPanel);
}

}  // namespace batchwise
