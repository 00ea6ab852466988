// Sizes, strides and padding of windows, checked.
#include "layers/window_arguments.h"

#include <algorithm>
#include <cctype>

#include <batchwise/error.h>

#include "layers/arguments.h"

namespace batchwise {

std::array<int64_t, 2> positive_pair(std::string_view layer, const Config& config, std::string_view key,
                                     int64_t otherwise) {
  const std::vector<int64_t> values = config.get_ints(key, 2, otherwise);
  for (int64_t value : values) require(value > 0, layer, key, " must be positive. Got ", value, ".");
  return {values[0], values[1]};
}

Config pair_config(const std::array<int64_t, 2>& pair) { return Config(Config::List{pair[0], pair[1]}); }

bool is_same_padding(std::string_view layer, const Config& config) {
  std::string padding = config.get("padding", "valid");
  std::string lower = padding;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  require(lower == "valid" || lower == "same", layer, "padding must be \"valid\" or \"same\". Got \"", padding, "\".");
  return lower == "same";
}

Window window_on(std::string_view layer, const Shape& image, const std::array<int64_t, 2>& size,
                   const std::array<int64_t, 2>& strides, const std::array<int64_t, 2>& dilation, bool same) {
  require_rank(layer, image, 3, "(height, width, channels)");
  const Window window{window_axis(image[0], size[0], strides[0], dilation[0], same),
                        window_axis(image[1], size[1], strides[1], dilation[1], same)};
  require(window.height.output > 0 && window.width.output > 0, layer, "the window of ", window.height.reach(), " x ",
          window.width.reach(), " must fit the image. Got an image of ", image[0], " x ", image[1],
          ": use a smaller window, or padding \"same\".");
  return window;
}

Value plain_image(std::string_view layer, Lowering& lowering, Value image) {
  const DType dtype = lowering.type(image).dtype;
  require(dtype == DType::Float32, layer, "the input must be float32. Got ", dtype, ": put a Rescaling layer before.");
  return lowering.plain(image);
}

}  // namespace batchwise
