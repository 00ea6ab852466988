// Where a decoder puts its pixels: row by row, from the top, so that no whole image need be in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace batchwise {

class PixelRows {
 public:
  virtual ~PixelRows() = default;
  virtual void begin(int64_t height, int64_t width, int channels) = 0;  // once, before the first row
  virtual bool wants_row() const { return true; }  // false: nobody will look at the next row's bytes
  virtual uint8_t* row() = 0;   // room for the next row: width * channels bytes, channels interleaved
  virtual void row_done() = 0;  // they are written, or not wanted
};

// Keeps the whole image.
class WholeImage : public PixelRows {
 public:
  void begin(int64_t h, int64_t w, int c) override {
    height = h;
    width = w;
    channels = c;
    next_ = 0;
    pixels.resize(static_cast<size_t>(h * w * c));
  }
  uint8_t* row() override { return pixels.data() + next_ * width * channels; }
  void row_done() override { ++next_; }

  int64_t height = 0, width = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;

 private:
  int64_t next_ = 0;
};

}  // namespace batchwise
