// Recognises image formats.
#include "images/image_format.h"

namespace batchwise {

std::optional<ImageFormat> image_format(std::span<const uint8_t> file) {
  const std::string_view start(reinterpret_cast<const char*>(file.data()), file.size());
  if (start.starts_with("\xff\xd8\xff")) return ImageFormat::Jpeg;
  if (start.starts_with("\x89PNG\r\n\x1a\n")) return ImageFormat::Png;
  if (start.starts_with("GIF8")) return ImageFormat::Gif;
  if (start.starts_with("BM")) return ImageFormat::Bmp;
  if (start.starts_with("RIFF") && start.size() >= 12 && start.substr(8, 4) == "WEBP") return ImageFormat::WebP;
  return std::nullopt;
}

std::string_view name_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::Jpeg: return "JPEG";
    case ImageFormat::Png: return "PNG";
    case ImageFormat::Gif: return "GIF";
    case ImageFormat::Bmp: return "BMP";
    case ImageFormat::WebP: return "WebP";
  }
  return "";
}

}  // namespace batchwise
