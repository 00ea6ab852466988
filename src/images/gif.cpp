// GIF through giflib: the first picture, on a black screen.
#include <algorithm>
#include <cstring>

#include <gif_lib.h>

#include <batchwise/error.h>

#include "images/formats.h"

namespace batchwise {
namespace {

constexpr int64_t kMostPacked = 2600;  // pixels that one byte of 12-bit LZW codes can stand for

struct Reader {
  FileBytes file;
  size_t at = 0;
};

int read_bytes(GifFileType* gif, GifByteType* out, int count) {
  auto* reader = static_cast<Reader*>(gif->UserData);
  const size_t some = std::min(static_cast<size_t>(std::max(count, 0)), reader->file.size() - reader->at);
  if (some > 0) std::memcpy(out, reader->file.data() + reader->at, some);
  reader->at += some;
  return static_cast<int>(some);
}

struct Gif {
  GifFileType* file = nullptr;
  ~Gif() {
    if (file) DGifCloseFile(file, nullptr);
  }
};

[[noreturn]] void refuse(std::string_view where, const char* reason) {
  fail(where, "the GIF must be whole and readable. Got: ", reason ? reason : "an error without a name", ".");
}

void check(int status, const GifFileType* gif, std::string_view where) {
  if (status != GIF_OK) refuse(where, GifErrorString(gif->Error));
}

// Goes to the first picture, past comments and other extensions.
void find_picture(GifFileType* gif, std::string_view where) {
  for (;;) {
    GifRecordType type;
    check(DGifGetRecordType(gif, &type), gif, where);
    if (type == IMAGE_DESC_RECORD_TYPE) break;
    if (type != EXTENSION_RECORD_TYPE) refuse(where, "it has no picture");
    int code;
    GifByteType* block;
    check(DGifGetExtension(gif, &code, &block), gif, where);
    while (block) check(DGifGetExtensionNext(gif, &block), gif, where);
  }
  check(DGifGetImageDesc(gif), gif, where);
}

// The indices of the picture, row by row from the top.
void read_indices(GifFileType* gif, uint8_t* frame, std::string_view where) {
  const int height = gif->Image.Height, width = gif->Image.Width;
  const auto read_row = [&](int y) { check(DGifGetLine(gif, frame + int64_t{y} * width, width), gif, where); };
  if (!gif->Image.Interlace) {
    for (int y = 0; y < height; ++y) read_row(y);
    return;
  }
  constexpr int kFirst[] = {0, 4, 2, 1}, kStep[] = {8, 8, 4, 2};
  for (int pass = 0; pass < 4; ++pass)
    for (int y = kFirst[pass]; y < height; y += kStep[pass]) read_row(y);
}

}  // namespace

void decode_gif(FileBytes file, int channels, PixelRows& rows, DecodingMemory& memory, std::string_view where) {
  require(channels == 3, where, "a GIF is read as color_mode \"rgb\" alone. Got a GIF for ",
          channels == 1 ? "\"grayscale\"." : "\"rgba\".");
  Reader reader{file};
  Gif gif;
  int error = 0;
  gif.file = DGifOpen(&reader, read_bytes, &error);
  if (!gif.file) refuse(where, GifErrorString(error));
  check_image_size(gif.file->SHeight, gif.file->SWidth, where);
  find_picture(gif.file, where);
  const GifImageDesc& picture = gif.file->Image;
  const int64_t height = gif.file->SHeight, width = gif.file->SWidth;
  check_image_size(picture.Height, picture.Width, where);
  const int64_t pixels = int64_t{picture.Height} * picture.Width;
  require(pixels / kMostPacked <= static_cast<int64_t>(file.size()), where, "the GIF must be whole. Got a header of ",
          picture.Width, " x ", picture.Height, " pixels in a file of ", file.size(), " bytes.");
  const ColorMapObject* colors = picture.ColorMap ? picture.ColorMap : gif.file->SColorMap;
  if (!colors) refuse(where, "it has no colors");
  memory.admit(height, width, 3, pixels, where);
  uint8_t* const frame = memory.frame(pixels);
  read_indices(gif.file, frame, where);
  // Checked before the first row is handed over: what is refused should not look half decoded.
  const uint8_t most = *std::max_element(frame, frame + pixels);
  if (most >= colors->ColorCount) refuse(where, "a pixel has a color that the palette lacks");
  rows.begin(height, width, 3);
  for (int64_t y = 0; y < height; ++y) {
    uint8_t* to = rows.row();
    std::memset(to, 0, static_cast<size_t>(width * 3));
    const int64_t inside = y - picture.Top;
    if (inside >= 0 && inside < picture.Height) {
      const uint8_t* from = frame + inside * picture.Width;
      const int64_t last = std::min<int64_t>(width, int64_t{picture.Left} + picture.Width);
      for (int64_t x = picture.Left; x < last; ++x) {
        const GifColorType& color = colors->Colors[*from++];
        to[3 * x] = color.Red;
        to[3 * x + 1] = color.Green;
        to[3 * x + 2] = color.Blue;
      }
    }
    rows.row_done();
  }
}

}  // namespace batchwise
