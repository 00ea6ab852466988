// The decoders of single formats. Contracts are those of ImageDecoder::decode.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "images/decoding_memory.h"
#include "images/pixel_rows.h"

namespace batchwise {

using FileBytes = std::span<const uint8_t>;

// Throws unless the size that a header states is one that may be decoded.
void check_image_size(int64_t height, int64_t width, std::string_view where);

class JpegDecoder {
 public:
  JpegDecoder();
  ~JpegDecoder();
  void decode(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where);
  const char* warning() const;  // of the last image: what is wrong with its data and was read over; "": nothing

 private:
  struct State;
  std::unique_ptr<State> state_;
};

void decode_png(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where);
void decode_gif(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where);
void decode_bmp(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where);
void decode_webp(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where);

}  // namespace batchwise
