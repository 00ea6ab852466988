// PNG through libpng, with TensorFlow's conversions: 16 bits cut to 8, palettes and transparency spelt out.
#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <png.h>

#include <batchwise/error.h>

#include "images/formats.h"

namespace batchwise {
namespace {

constexpr int64_t kMostDeflated = 1032;  // bytes that one deflated byte can stand for

struct Reader {
  FileBytes file;
  size_t at = 0;
  std::jmp_buf back;
  char message[128] = "";
};

void read_bytes(png_structp png, png_bytep out, size_t count) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  if (count > reader->file.size() - reader->at) png_error(png, "it ends early");
  std::memcpy(out, reader->file.data() + reader->at, count);
  reader->at += count;
}

void jump_back(png_structp png, png_const_charp message) {
  auto* reader = static_cast<Reader*>(png_get_error_ptr(png));
  std::snprintf(reader->message, sizeof reader->message, "%s", message);
  std::longjmp(reader->back, 1);
}

// Frees what libpng holds, on every way out.
struct Png {
  png_structp read = nullptr;
  png_infop info = nullptr;
  ~Png() { png_destroy_read_struct(&read, &info, nullptr); }
};

void set_conversions(Png& png, int channels) {
  const png_byte color = png_get_color_type(png.read, png.info);
  const bool transparent = png_get_valid(png.read, png.info, PNG_INFO_tRNS) != 0;
  const bool alpha = (color & PNG_COLOR_MASK_ALPHA) != 0;
  // TensorFlow takes the largest value of the file's own bits for opaque: 1 or 15 where a pixel has 1 or 4 bits.
  const png_uint_32 opaque = (1u << std::min<int>(png_get_bit_depth(png.read, png.info), 8)) - 1;
  if (png_get_bit_depth(png.read, png.info) == 16) png_set_strip_16(png.read);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png.read);
  if (color == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png.read, png.info) < 8)
    png_set_expand_gray_1_2_4_to_8(png.read);
  if (channels == 4) {
    if (transparent) png_set_tRNS_to_alpha(png.read);
    else if (!alpha) png_set_add_alpha(png.read, opaque, PNG_FILLER_AFTER);
  } else if (alpha || transparent) {
    png_set_strip_alpha(png.read);
  }
  if (channels == 1) {
    if (color & PNG_COLOR_MASK_COLOR) png_set_rgb_to_gray(png.read, PNG_ERROR_ACTION_NONE, 0.299, 0.587);
  } else if (!(color & PNG_COLOR_MASK_COLOR)) {
    png_set_gray_to_rgb(png.read);
  }
}

// Nothing with a destructor lives in these two, because libpng comes back by longjmp.
bool read_header(Reader& reader, Png& png, int channels) {
  if (setjmp(reader.back)) return false;
  png_set_read_fn(png.read, &reader, read_bytes);
  png_set_user_limits(png.read, 1u << 27, 1u << 27);
  png_set_option(png.read, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
  png_read_info(png.read, png.info);
  if (png_get_color_type(png.read, png.info) == PNG_COLOR_TYPE_PALETTE &&
      !png_get_valid(png.read, png.info, PNG_INFO_PLTE))
    png_error(png.read, "its palette is missing");
  set_conversions(png, channels);
  return true;
}

bool read_rows(Reader& reader, Png& png, int channels, PixelRows& rows, uint8_t* frame) {
  if (setjmp(reader.back)) return false;
  const int passes = png_set_interlace_handling(png.read);
  png_read_update_info(png.read, png.info);
  const size_t width = png_get_image_width(png.read, png.info), height = png_get_image_height(png.read, png.info);
  const size_t row_bytes = width * static_cast<size_t>(channels);
  if (png_get_rowbytes(png.read, png.info) != row_bytes) png_error(png.read, "its channels are not understood");
  if (passes == 1) {
    for (size_t y = 0; y < height; ++y) {
      png_read_row(png.read, rows.row(), nullptr);
      rows.row_done();
    }
    return true;
  }
  for (int pass = 0; pass < passes; ++pass)
    for (size_t y = 0; y < height; ++y) png_read_row(png.read, frame + y * row_bytes, nullptr);
  for (size_t y = 0; y < height; ++y) {
    std::memcpy(rows.row(), frame + y * row_bytes, row_bytes);
    rows.row_done();
  }
  return true;
}

}  // namespace

void decode_png(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where) {
  Reader reader;
  reader.file = file;
  Png png;
  png.read = png_create_read_struct(PNG_LIBPNG_VER_STRING, &reader, jump_back, [](png_structp, png_const_charp) {});
  if (png.read) png.info = png_create_info_struct(png.read);
  if (!png.info) fail_run(where, "there is no memory for a PNG decoder.");
  const auto refuse = [&] { fail(where, "the PNG must be whole and readable. Got: ", reader.message, "."); };
  if (!read_header(reader, png, channels)) refuse();
  const int64_t width = png_get_image_width(png.read, png.info), height = png_get_image_height(png.read, png.info);
  check_image_size(height, width, where);
  // No file can unpack to more than this: a small file with a huge header is refused before any memory is taken.
  const int64_t stored = height * static_cast<int64_t>(png_get_rowbytes(png.read, png.info));
  require(stored / kMostDeflated <= static_cast<int64_t>(file.size()), where, "the PNG must be whole. Got a header of ",
          width, " x ", height, " pixels in a file of ", file.size(), " bytes.");
  const bool interlaced = png_get_interlace_type(png.read, png.info) != PNG_INTERLACE_NONE;
  const int64_t whole = interlaced ? height * width * channels : 0;
  memory.admit(height, width, channels, whole, where);
  uint8_t* const frame = memory.frame(whole);
  rows.begin(height, width, channels);
  if (!read_rows(reader, png, channels, rows, frame)) refuse();
}

}  // namespace batchwise
