// What layers with windows over lines, images and volumes are given: sizes, strides, padding, the order of axes.
#pragma once

#include <string_view>
#include <vector>

#include <batchwise/layer.h>

#include "kernels/window.h"

namespace batchwise {

// `rank` positive integers, or one for all axes. REQUIRES: `otherwise` is given, or the key is present.
std::vector<int64_t> positive_ints(std::string_view layer, const Config& config, std::string_view key, int rank,
                                   int64_t otherwise);
Config ints_config(const std::vector<int64_t>& values);

enum class Padding { Valid, Same, Causal };
// In any case of letters, as Keras reads it; "causal" only where `causal`.
Padding padding_of(std::string_view layer, const Config& config, bool causal = false);
std::string_view name_of(Padding padding);

// "channels_first" or "channels_last" (also absent or null).
bool is_channels_first(std::string_view layer, const Config& config);
std::string_view data_format_name(bool channels_first);

// A shape as kernels have it, channels last, and back: (C, H, W) <-> (H, W, C) when `channels_first`.
Shape channels_last(const Shape& shape, bool channels_first);
Shape as_given(const Shape& channels_last, bool channels_first);
// The same with values: a rearrangement where it is needed, plain float32 in any case.
Value to_channels_last(std::string_view layer, Lowering& lowering, Value value, bool channels_first);
Value to_given(Lowering& lowering, Value value, bool channels_first);

// "(height, width, channels)" of a rank.
void require_spatial(std::string_view layer, const Shape& channels_last, int rank);

struct WindowArguments {
  std::vector<int64_t> size, strides, dilation;  // one per axis, as Keras orders them
  Padding padding = Padding::Valid;
};
// The window over a shape with channels last; throws when the shape has another rank or the window does not fit.
Window window_on(std::string_view layer, const Shape& shape, const WindowArguments& arguments);
// The window whose transpose takes the shape. `output_padding`: empty or one per axis.
Window transposed_window_on(std::string_view layer, const Shape& shape, const WindowArguments& arguments,
                            const std::vector<int64_t>& output_padding);

}  // namespace batchwise
