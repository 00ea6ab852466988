// Hands an image to the decoder of its format.
#include "images/image_decoder.h"

#include <batchwise/error.h>

#include "images/formats.h"
#include "images/image_format.h"

namespace batchwise {

struct ImageDecoder::Buffers {
  JpegDecoder jpeg;
  bool was_jpeg = false;  // the last image: only that decoder reads over faults
  DecodingMemory memory;
};

ImageDecoder::ImageDecoder() : buffers_(std::make_unique<Buffers>()) {}
ImageDecoder::~ImageDecoder() = default;

DecodingMemory& ImageDecoder::memory() { return buffers_->memory; }

ImageNeeds ImageDecoder::needs(std::span<const uint8_t> file, int channels, std::string_view where) {
  struct Look {
    DecodingMemory& memory;
    explicit Look(DecodingMemory& of) : memory(of) { memory.look(true); }
    ~Look() { memory.look(false); }
  } const look(buffers_->memory);
  WholeImage none;  // gets no row
  try {
    decode(file, channels, none, where);
  } catch (const ImageNeeds& needs) { return needs; }
  return {};
}

const char* ImageDecoder::warning() const { return buffers_->was_jpeg ? buffers_->jpeg.warning() : ""; }

void check_image_size(int64_t height, int64_t width, std::string_view where) {
  require(height > 0 && width > 0, where, "an image must have at least one pixel. Got ", width, " x ", height, ".");
  require(width <= kMaxImagePixels / height, where, "an image may have at most ", kMaxImagePixels, " pixels. Got ",
          width, " x ", height, " in its header.");
}

void ImageDecoder::decode(std::span<const uint8_t> file, int channels, PixelRows& rows, std::string_view where) {
  require(!file.empty(), where, "the file must hold an image. Got an empty file.");
  const auto format = image_format(file);
  require(format.has_value(), where,
          "the file must hold a JPEG, PNG, GIF, BMP or WebP image. Got something else, whatever its name says.");
  buffers_->was_jpeg = *format == ImageFormat::Jpeg;
  DecodingMemory& memory = buffers_->memory;
  struct GivenBack {
    DecodingMemory& memory;
    ~GivenBack() { memory.give_back(); }
  } const given_back{memory};
  switch (*format) {
    case ImageFormat::Jpeg: return buffers_->jpeg.decode(file, channels, rows, memory, where);
    case ImageFormat::Png: return decode_png(file, channels, rows, memory, where);
    case ImageFormat::Gif: return decode_gif(file, channels, rows, memory, where);
    case ImageFormat::Bmp: return decode_bmp(file, channels, rows, memory, where);
    case ImageFormat::WebP: return decode_webp(file, channels, rows, memory, where);
  }
}

}  // namespace batchwise
