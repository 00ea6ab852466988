// BMP: uncompressed pixels of 8, 24 or 32 bits, top-down or bottom-up.
#include <cstdlib>
#include <cstring>

#include <batchwise/error.h>

#include "images/formats.h"

namespace batchwise {
namespace {

uint32_t little(FileBytes file, size_t at, int bytes) {
  uint32_t value = 0;
  for (int i = 0; i < bytes; ++i) value |= uint32_t{file[at + static_cast<size_t>(i)]} << (8 * i);
  return value;
}

struct BmpHeader {
  int64_t offset, width, height;  // of the pixels; height as an absolute number
  bool top_down;
  int stored_channels;  // 1, 3 or 4
  int64_t row_bytes;    // padded to four
};

BmpHeader read_header(FileBytes file, std::string_view where) {
  constexpr size_t kHeader = 54;
  require(file.size() >= kHeader, where, "a BMP must have a header of ", kHeader, " bytes. Got ", file.size(), ".");
  BmpHeader h;
  h.offset = little(file, 10, 4);
  const auto width = static_cast<int32_t>(little(file, 18, 4)), height = static_cast<int32_t>(little(file, 22, 4));
  const uint32_t info_bytes = little(file, 14, 4), bits = little(file, 28, 2), compression = little(file, 30, 4);
  require(info_bytes >= 40, where, "the BMP's header must be of Windows 3 or later. Got one of ", info_bytes,
          " bytes.");
  require(bits == 8 || bits == 24 || bits == 32, where, "a BMP must have 8, 24 or 32 bits per pixel. Got ", bits, ".");
  h.width = width;
  h.height = std::abs(int64_t{height});
  h.top_down = height < 0;
  check_image_size(h.height, h.width, where);
  h.stored_channels = static_cast<int>(bits / 8);
  h.row_bytes = (h.width * h.stored_channels + 3) / 4 * 4;
  // Bit fields are how most programs write 32 bits; the usual order of the colors is the one that is understood.
  const bool usual_fields = compression == 3 && bits == 32 && file.size() >= kHeader + 12 &&
                            little(file, 54, 4) == 0xff0000 && little(file, 58, 4) == 0xff00 &&
                            little(file, 62, 4) == 0xff;
  require(compression == 0 || usual_fields, where, "a BMP must not be compressed. Got compression ", compression, ".");
  require(h.offset >= static_cast<int64_t>(kHeader), where, "the BMP's pixels must come after its header. Got offset ",
          h.offset, ".");
  const int64_t wanted = h.offset + h.row_bytes * h.height;
  require(static_cast<int64_t>(file.size()) >= wanted, where, "the BMP must be whole, ", wanted, " bytes. Got ",
          file.size(), ".");
  return h;
}

}  // namespace

void decode_bmp(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where) {
  require(channels != 1, where, "a BMP is read as color_mode \"rgb\" or \"rgba\". Got one for \"grayscale\".");
  const BmpHeader h = read_header(file, where);
  memory.admit(h.height, h.width, channels, 0, where);
  rows.begin(h.height, h.width, channels);
  for (int64_t y = 0; y < h.height; ++y) {
    const uint8_t* from = file.data() + h.offset + (h.top_down ? y : h.height - 1 - y) * h.row_bytes;
    uint8_t* to = rows.row();
    for (int64_t x = 0; x < h.width; ++x, from += h.stored_channels, to += channels) {
      // One byte is taken for a shade of gray, as Keras does; colors are stored blue first.
      const bool gray = h.stored_channels == 1;
      to[0] = from[gray ? 0 : 2];
      to[1] = from[gray ? 0 : 1];
      to[2] = from[0];
      if (channels == 4) to[3] = h.stored_channels == 4 ? from[3] : 255;
    }
    rows.row_done();
  }
}

}  // namespace batchwise
