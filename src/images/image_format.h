// What kind of image a file holds, told by its first bytes and never by its name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace batchwise {

enum class ImageFormat { Jpeg, Png, Gif, Bmp, WebP };

std::optional<ImageFormat> image_format(std::span<const uint8_t> file);
std::string_view name_of(ImageFormat format);  // "JPEG"

// Pixels of one image that any decoder accepts: what a header states is not believed beyond this.
constexpr int64_t kMaxImagePixels = int64_t{1} << 27;

}  // namespace batchwise
