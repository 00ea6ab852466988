// WebP through libwebp: still pictures.
#include <cstring>

#include <webp/decode.h>

#include <batchwise/error.h>

#include "images/formats.h"

namespace batchwise {

void decode_webp(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where) {
  require(channels != 1, where, "a WebP is read as color_mode \"rgb\" or \"rgba\". Got one for \"grayscale\".");
  WebPBitstreamFeatures features;
  require(WebPGetFeatures(file.data(), file.size(), &features) == VP8_STATUS_OK, where,
          "the WebP must be whole and readable. Got a damaged header.");
  check_image_size(features.height, features.width, where);
  require(!features.has_animation, where, "a WebP must be a still picture. Got an animation.");
  const int stored = features.has_alpha ? 4 : 3;
  require(stored == channels, where, "a WebP must have the channels that are asked for, ", channels, ". Got ", stored,
          ": use color_mode ", stored == 4 ? "\"rgba\"." : "\"rgb\".");
  const size_t row_bytes = static_cast<size_t>(features.width) * static_cast<size_t>(channels);
  // Beside the pixels that are given, libwebp holds all of them when nothing is lost, else their alpha.
  const int64_t pixels = int64_t{features.height} * features.width, whole = pixels * channels;
  const bool lossless = features.format == 2;
  memory.admit(features.height, features.width, channels, whole + pixels * (lossless ? 4 : features.has_alpha), where);
  uint8_t* const frame = memory.frame(whole);
  const auto decode = channels == 4 ? WebPDecodeRGBAInto : WebPDecodeRGBInto;
  require(decode(file.data(), file.size(), frame, static_cast<size_t>(whole), static_cast<int>(row_bytes)) != nullptr,
          where, "the WebP must be whole and readable. Got damaged pixels.");
  rows.begin(features.height, features.width, channels);
  for (int y = 0; y < features.height; ++y) {
    std::memcpy(rows.row(), frame + row_bytes * static_cast<size_t>(y), row_bytes);
    rows.row_done();
  }
}

}  // namespace batchwise
