// Sizes, strides and padding of windows, checked.
#include "layers/window_arguments.h"

#include <algorithm>
#include <cctype>
#include <numeric>

#include <batchwise/error.h>

#include "kernels/rearrange.h"
#include "layers/arguments.h"

namespace batchwise {
namespace {

// The axes of a window in Keras's order: depth, height, width, as many as the rank has.
std::vector<WindowAxis*> axes_of(Window& window) {
  if (window.rank == 1) return {&window.width};
  if (window.rank == 2) return {&window.height, &window.width};
  return {&window.depth, &window.height, &window.width};
}

std::string sizes_text(const std::vector<int64_t>& sizes) {
  std::string text;
  for (const int64_t size : sizes) text += (text.empty() ? "" : " x ") + std::to_string(size);
  return text;
}

std::vector<int> channels_moved(int rank, bool to_last) {
  std::vector<int> axes(static_cast<size_t>(rank));
  std::iota(axes.begin(), axes.end(), 0);
  if (to_last) std::rotate(axes.begin(), axes.begin() + 1, axes.end());
  else std::rotate(axes.begin(), axes.end() - 1, axes.end());
  return axes;
}

Shape permuted(const Shape& shape, const std::vector<int>& axes) {
  std::vector<int64_t> dims;
  for (const int axis : axes) dims.push_back(shape[axis]);
  return Shape(std::span<const int64_t>(dims));
}

Value permuted(Lowering& lowering, Value value, const std::vector<int>& axes) {
  const TensorType type = lowering.type(value);
  return lowering.add1(make_rearrange_kernel("permute", type, permutation(type.shape, axes), lowering.grain()),
                       {value});
}

}  // namespace

std::vector<int64_t> positive_ints(std::string_view layer, const Config& config, std::string_view key, int rank,
                                   int64_t otherwise) {
  const std::vector<int64_t> values = config.get_ints(key, rank, otherwise);
  for (int64_t value : values) require(value > 0, layer, key, " must be positive. Got ", value, ".");
  return values;
}

Config ints_config(const std::vector<int64_t>& values) {
  Config::List list;
  for (const int64_t value : values) list.emplace_back(value);
  return list;
}

Padding padding_of(std::string_view layer, const Config& config, bool causal) {
  const std::string padding = config.get("padding", "valid");
  std::string lower = padding;
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool known = lower == "valid" || lower == "same" || (causal && lower == "causal");
  require(known, layer, "padding must be \"valid\"", causal ? ", \"same\" or \"causal\"" : " or \"same\"", ". Got \"",
          padding, "\".");
  return lower == "valid" ? Padding::Valid : lower == "same" ? Padding::Same : Padding::Causal;
}

std::string_view name_of(Padding padding) {
  return padding == Padding::Valid ? "valid" : padding == Padding::Same ? "same" : "causal";
}

bool is_channels_first(std::string_view layer, const Config& config) {
  const Config* value = config.find("data_format");
  if (!value || value->is_null()) return false;
  const std::string format = value->as_string("data_format");
  require(format == "channels_last" || format == "channels_first", layer,
          "data_format must be \"channels_last\" or \"channels_first\". Got \"", format, "\".");
  return format == "channels_first";
}

std::string_view data_format_name(bool channels_first) { return channels_first ? "channels_first" : "channels_last"; }

Shape channels_last(const Shape& shape, bool channels_first) {
  return channels_first ? permuted(shape, channels_moved(shape.rank(), true)) : shape;
}

Shape as_given(const Shape& shape, bool channels_first) {
  return channels_first ? permuted(shape, channels_moved(shape.rank(), false)) : shape;
}

Value to_channels_last(std::string_view layer, Lowering& lowering, Value value, bool channels_first) {
  const DType dtype = lowering.type(value).dtype;
  require(dtype == DType::Float32, layer, "the input must be float32. Got ", dtype, ": put a Rescaling layer before.");
  const Value plain = lowering.plain(value);
  if (!channels_first) return plain;
  return permuted(lowering, plain, channels_moved(lowering.type(plain).shape.rank(), true));
}

Value to_given(Lowering& lowering, Value value, bool channels_first) {
  if (!channels_first) return value;
  const Value plain = lowering.plain(value);
  return permuted(lowering, plain, channels_moved(lowering.type(plain).shape.rank(), false));
}

void require_spatial(std::string_view layer, const Shape& shape, int rank) {
  require_rank(layer, shape, rank + 1,
               rank == 1   ? "(steps, channels)"
               : rank == 2 ? "(height, width, channels)"
                           : "(depth, height, width, channels)");
}

Window window_on(std::string_view layer, const Shape& shape, const WindowArguments& arguments) {
  Window window;
  window.rank = static_cast<int>(arguments.size.size());
  require_spatial(layer, shape, window.rank);
  std::vector<int64_t> reach;
  bool fits = true;
  int axis = 0;
  for (WindowAxis* of : axes_of(window)) {
    const size_t i = static_cast<size_t>(axis);
    const int64_t size = arguments.size[i], stride = arguments.strides[i], dilation = arguments.dilation[i];
    *of = arguments.padding == Padding::Causal
              ? causal_axis(shape[axis], size, stride, dilation)
              : window_axis(shape[axis], size, stride, dilation, arguments.padding == Padding::Same);
    reach.push_back(of->reach());
    fits = fits && of->output > 0;
    ++axis;
  }
  require(fits, layer, "the window of ", sizes_text(reach), " must fit the input. Got one of ", shape,
          ": use a smaller window, or padding \"same\".");
  return window;
}

Window transposed_window_on(std::string_view layer, const Shape& shape, const WindowArguments& arguments,
                            const std::vector<int64_t>& output_padding) {
  Window window;
  window.rank = static_cast<int>(arguments.size.size());
  require_spatial(layer, shape, window.rank);
  int axis = 0;
  for (WindowAxis* of : axes_of(window)) {
    const size_t i = static_cast<size_t>(axis);
    require(shape[axis] > 0, layer, "the input must not be empty. Got ", shape, ".");
    std::optional<int64_t> more;
    if (!output_padding.empty()) more = output_padding[i];
    *of = transposed_axis(shape[axis], arguments.size[i], arguments.strides[i], arguments.dilation[i],
                          arguments.padding == Padding::Same, more);
    require(of->input > 0, layer, "the output must not be empty. Got ", of->input, " positions from ", shape[axis],
            ".");
    ++axis;
  }
  return window;
}

}  // namespace batchwise
