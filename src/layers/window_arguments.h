// What layers with windows over images are given: sizes, strides, padding.
#pragma once

#include <array>
#include <string_view>

#include <batchwise/layer.h>

#include "kernels/window.h"

namespace batchwise {

// Two positive integers, or one for both axes. REQUIRES: `otherwise` is given, or the key is present.
std::array<int64_t, 2> positive_pair(std::string_view layer, const Config& config, std::string_view key,
                                     int64_t otherwise);
Config pair_config(const std::array<int64_t, 2>& pair);

// "same" or "valid", in any case of letters, as Keras reads it.
bool is_same_padding(std::string_view layer, const Config& config);

// The window over an image (H, W, C); throws when the image has another rank or the window does not fit.
Window window_on(std::string_view layer, const Shape& image, const std::array<int64_t, 2>& size,
                   const std::array<int64_t, 2>& strides, const std::array<int64_t, 2>& dilation, bool same);

// The image in plain layout. Throws when it is not float32.
Value plain_image(std::string_view layer, Lowering& lowering, Value image);

}  // namespace batchwise
