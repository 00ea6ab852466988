// Writing of PNG files through libpng's simple interface.
#include "images/png_writer.h"

#include <png.h>

#include <batchwise/error.h>

namespace batchwise {

std::string png_of(int64_t height, int64_t width, const std::vector<uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(width);
  image.height = static_cast<png_uint_32>(height);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t bytes = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(bytes, '\0');
  const bool done = png_image_write_to_memory(&image, file.data(), &bytes, 0, pixels.data(), 0, nullptr) != 0;
  if (!done) fail_run("PNG", "the picture cannot be written: ", image.message, ".");
  file.resize(bytes);
  return file;
}

}  // namespace batchwise
