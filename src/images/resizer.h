// Makes a float image of a given size out of rows as they are decoded.
#pragma once

#include <cstdint>
#include <vector>

#include "images/pixel_rows.h"
#include "images/resize_axis.h"

namespace batchwise {

// What happens to an image whose sides have another ratio than those asked for.
enum class AspectRatio { Stretch, Crop, Pad };  // cut at the middle; black at the sides

struct ResizeSettings {
  int64_t height = 256, width = 256;
  Interpolation interpolation = Interpolation::Bilinear;
  AspectRatio aspect_ratio = AspectRatio::Stretch;
  bool channels_first = false;
};

// Used for one image after another; keeps its memory and, for images of one size, its plan. Holds as many rows as an
// output row looks at, never the whole image.
class Resizer : public PixelRows {
 public:
  explicit Resizer(const ResizeSettings& settings) : settings_(settings) {}

  // Where the next image goes: height * width * channels floats in [0, 255] (interpolations that overshoot may leave
  // it), written when its last row is done.
  void set_output(float* out) { out_ = out; }

  void begin(int64_t height, int64_t width, int channels) override;
  bool wants_row() const override;
  uint8_t* row() override { return source_row_.data() + kOffAlignment; }
  void row_done() override;

 private:
  // libjpeg-turbo writes rows that are aligned past the caches, and reading them back would wait for memory.
  static constexpr int64_t kOffAlignment = 4;

  void make_row(int64_t o);
  float* kept_row(int64_t y) { return kept_.data() + (y % rows_.taps) * kept_stride_; }

  ResizeSettings settings_;
  float* out_ = nullptr;
  int64_t source_height_ = 0, source_width_ = 0;
  int channels_ = 0;
  int64_t top_ = 0, left_ = 0;  // of what is not padding
  ResizeAxis rows_, columns_;
  std::vector<uint8_t> source_row_;
  std::vector<float> kept_;  // source rows at the output's width
  int64_t kept_stride_ = 0;
  std::vector<const float*> taps_;
  std::vector<float> interleaved_;  // an output row that is to be taken apart
  int64_t next_source_ = 0, next_output_ = 0;
};

}  // namespace batchwise
