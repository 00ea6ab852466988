// Decodes images of all formats, with the pixels that TensorFlow's decoders give.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "images/decoding_memory.h"
#include "images/pixel_rows.h"

namespace batchwise {

// Keeps its buffers from image to image. Used by one thread at a time.
class ImageDecoder {
 public:
  ImageDecoder();
  ~ImageDecoder();

  // `channels`: 1 gray, 3 RGB, 4 RGBA. Throws Error(Input) naming `where` for what is damaged, not an image, larger
  // than kMaxImagePixels, or has no such channels; BudgetError for what a DecodingLimit has no memory for; `rows` has
  // then got none, some or all of the image. REQUIRES: `file` is followed by nothing that may be read.
  void decode(std::span<const uint8_t> file, int channels, PixelRows& rows, std::string_view where);
  // What the image needs, told by its header alone. Throws as decode does, at what the header tells, but never for its
  // needs.
  ImageNeeds needs(std::span<const uint8_t> file, int channels, std::string_view where);
  DecodingMemory& memory();  // of the next images
  // What is wrong with the data of the image that was decoded last, and was read over, as TensorFlow does: parts of it
  // may be guessed. "": nothing.
  const char* warning() const;

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace batchwise
