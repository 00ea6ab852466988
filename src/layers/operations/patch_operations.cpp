// Operations that cut samples into windows: extract_patches, extract_sequences, unfold, and fold, which lays them back.
#include <array>

#include "kernels/linear_map.h"
#include "kernels/rearrange.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

// One number for all axes, or one for each.
std::vector<int64_t> each_axis(const std::string& key, const Config& config, const char* name, size_t axes,
                               const std::vector<int64_t>& otherwise, int64_t least) {
  const Config* stated = config.find(name);
  std::vector<int64_t> all = stated && !stated->is_null() ? number_list(key, *stated) : otherwise;
  if (all.size() == 1) all.resize(axes, all[0]);
  bool fits = all.size() == axes;
  for (const int64_t number : all) fits = fits && number >= least;
  require(fits, key, name, " must be one number for each of ", axes, " axes, ", least, " or more. Got ",
          stated ? stated->text() : "none", ".");
  return all;
}

// Patches of images or volumes, channels last: each becomes the channels of one place.
class PatchesOperation final : public Operation {
 public:
  PatchesOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"size", "strides", "dilation_rate", "padding", "data_format"}) {
    const Config& size = config.at("size");
    axes_ = size.is_list() && size.as_list().size() == 3 ? 3 : 2;
    size_ = each_axis(key, config, "size", axes_, {}, 1);
    strides_ = each_axis(key, config, "strides", axes_, size_, 1);
    dilation_ = each_axis(key, config, "dilation_rate", axes_, {1}, 1);
    const std::string padding = config.get("padding", "valid");
    require(padding == "valid" || padding == "same", key, "padding must be \"valid\" or \"same\". Got \"", padding,
            "\".");
    same_ = padding == "same";
    require_channels_last(key, config);
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    Shape shape = one(inputs, form);
    require(shape.rank() == static_cast<int>(axes_) + 1, key(), "samples must have ", axes_ + 1, " axes. Got ", shape,
            ".");
    for (size_t a = 0; a < axes_; ++a) {
      int64_t& dim = shape[static_cast<int>(a)];
      const int64_t room = same_ ? dim - 1 : dim - span(a);
      require(room >= 0, key(), "a patch must fit into the sample. Got patches of ", span(a), " in ", dim, ".");
      dim = room / strides_[a] + 1;
      shape[-1] *= size_[a];
    }
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Shape to = call_shapes({type.shape}, {})[0];
    const Rearrangement elements = rearrangement(to, [&](std::span<const int64_t> place) -> int64_t {
      std::vector<int64_t> from(place.begin(), place.end());
      int64_t inside = from.back() / type.shape.back();
      from.back() %= type.shape.back();
      for (size_t a = axes_; a-- > 0; inside /= size_[a]) {
        const int64_t dim = type.shape[static_cast<int>(a)];
        const int64_t missing = (to[static_cast<int>(a)] - 1) * strides_[a] + span(a) - dim;
        from[a] = from[a] * strides_[a] + inside % size_[a] * dilation_[a] - (same_ && missing > 0 ? missing / 2 : 0);
        if (from[a] < 0 || from[a] >= dim) return -1;
      }
      return element_of(type.shape, from);
    });
    return {lowering.add1(make_rearrange_kernel("extract_patches", type, elements, lowering.grain()), {input})};
  }

 private:
  int64_t span(size_t a) const { return (size_[a] - 1) * dilation_[a] + 1; }
  size_t axes_;
  std::vector<int64_t> size_, strides_, dilation_;
  bool same_;
};

class SequencesOperation final : public Operation {
 public:
  SequencesOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"sequence_length", "sequence_stride"}),
        length_(config.at("sequence_length").as_int(key)),
        stride_(config.at("sequence_stride").as_int(key)) {
    require(length_ > 0 && stride_ > 0, key, "sequence_length and sequence_stride must be positive. Got ", length_,
            " and ", stride_, ".");
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    require(shape.rank() > 0 && shape.back() >= length_, key(), "sequence_length must be at most the last axis of ",
            shape, ". Got ", length_, ".");
    std::vector<int64_t> dims(shape.begin(), shape.end());
    dims.back() = (shape.back() - length_) / stride_ + 1;
    dims.push_back(length_);
    return {Shape(dims)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Rearrangement elements = rearrangement(call_shapes({type.shape}, {})[0], [&](std::span<const int64_t> place) {
      std::vector<int64_t> from(place.begin(), place.end() - 1);
      from.back() = from.back() * stride_ + place.back();
      return element_of(type.shape, from);
    });
    return {lowering.add1(make_rearrange_kernel("extract_sequences", type, elements, lowering.grain()), {input})};
  }

 private:
  int64_t length_, stride_;
};

// Windows of channels-first images (C, H, W) as columns (C * kH * kW, windows), and images from such columns, where
// windows that overlap are added.
class FoldOperation final : public Operation {
 public:
  FoldOperation(const std::string& key, const Config& config)
      : Operation(key, config,
                  last_word(key) == "Fold"
                      ? std::vector<std::string>{"output_size", "kernel_size", "dilation", "padding", "stride"}
                      : std::vector<std::string>{"kernel_size", "dilation", "padding", "stride"}),
        folds_(last_word(key) == "Fold"),
        kernel_(each_axis(key, config, "kernel_size", 2, {}, 1)),
        dilation_(each_axis(key, config, "dilation", 2, {1}, 1)),
        padding_(each_axis(key, config, "padding", 2, {0}, 0)),
        stride_(each_axis(key, config, "stride", 2, {1}, 1)) {
    if (folds_) output_ = each_axis(key, config, "output_size", 2, {}, 1);
  }
  DType output_dtype(DType input) const override { return folds_ ? DType::Float32 : input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    require(shape.rank() == (folds_ ? 2 : 3), key(),
            folds_ ? "samples must have two axes. Got " : "samples must be images (C, H, W). Got ", shape, ".");
    const int64_t inside = kernel_[0] * kernel_[1];
    if (!folds_) {
      const auto windows = windows_of({shape[1], shape[2]});
      return {Shape{shape[0] * inside, windows[0] * windows[1]}};
    }
    const auto windows = windows_of({output_[0], output_[1]});
    require(shape[0] % inside == 0 && shape[1] == windows[0] * windows[1], key(), "samples must have channels times ",
            inside, " rows and ", windows[0] * windows[1], " columns. Got ", shape, ".");
    return {Shape{shape[0] / inside, output_[0], output_[1]}};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = folds_ ? as_floats(lowering, inputs[0]) : lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Shape to = call_shapes({type.shape}, {})[0];
    const Shape &image = folds_ ? to : type.shape, &columns = folds_ ? type.shape : to;
    if (!folds_) {
      const Rearrangement elements =
          rearrangement(to, [&](std::span<const int64_t> place) { return pixel(image, place[0], place[1]); });
      return {lowering.add1(make_rearrange_kernel("unfold", type, elements, lowering.grain()), {input})};
    }
    std::vector<Terms> of_pixels(static_cast<size_t>(image.count()));
    for (int64_t row = 0; row < columns[0]; ++row)
      for (int64_t window = 0; window < columns[1]; ++window)
        if (const int64_t at = pixel(image, row, window); at >= 0)
          of_pixels[static_cast<size_t>(at)].add(row * columns[1] + window, 1);
    size_t next = 0;
    LinearMap map = linear_map(to, [&](std::span<const int64_t>, Terms& terms) {
      for (const int64_t source : of_pixels[next].sources) terms.add(source, 1);
      ++next;
    });
    return {lowering.add1(make_linear_map_kernel("fold", type, std::move(map), lowering.grain()), {input})};
  }

 private:
  std::array<int64_t, 2> windows_of(std::array<int64_t, 2> size) const {
    for (size_t a = 0; a < 2; ++a) {
      const int64_t room = size[a] + 2 * padding_[a] - dilation_[a] * (kernel_[a] - 1) - 1;
      require(room >= 0, key(), "a window must fit into the padded image. Got kernel_size ", kernel_[a], " for ",
              size[a], ".");
      size[a] = room / stride_[a] + 1;
    }
    return size;
  }
  // The pixel that stands in a row and a column, or -1 in the padding.
  int64_t pixel(const Shape& image, int64_t row, int64_t window) const {
    const auto windows = windows_of({image[1], image[2]});
    const int64_t channel = row / (kernel_[0] * kernel_[1]);
    const int64_t y = window / windows[1] * stride_[0] + row / kernel_[1] % kernel_[0] * dilation_[0] - padding_[0];
    const int64_t x = window % windows[1] * stride_[1] + row % kernel_[1] * dilation_[1] - padding_[1];
    return y < 0 || y >= image[1] || x < 0 || x >= image[2] ? -1 : (channel * image[1] + y) * image[2] + x;
  }
  bool folds_;
  std::vector<int64_t> kernel_, dilation_, padding_, stride_, output_;
};

const bool registered =
    register_operations<PatchesOperation>(
        {"ops.image.ExtractPatches"},
        {Config::object({{"size", 2}}),
         Config::object({{"size", Config::List{2, 3}}, {"strides", Config::List{1, 2}}, {"padding", "same"}}),
         Config::object({{"size", Config::List{2, 1, 2}}, {"strides", 1}})}) &&
    register_operations<SequencesOperation>({"ops.math.ExtractSequences"},
                                            {Config::object({{"sequence_length", 3}, {"sequence_stride", 1}})}) &&
    register_operations<FoldOperation>(
        {"ops.nn.Unfold"},
        {Config::object({{"kernel_size", 2}}),
         Config::object({{"kernel_size", Config::List{2, 3}}, {"padding", 1}, {"stride", Config::List{2, 1}}})}) &&
    register_operations<FoldOperation>(
        {"ops.nn.Fold"}, {Config::object({{"output_size", Config::List{4, 2}}, {"kernel_size", Config::List{3, 1}}}),
                          Config::object({{"output_size", Config::List{4, 3}},
                                          {"kernel_size", Config::List{3, 1}},
                                          {"dilation", 2},
                                          {"padding", Config::List{1, 0}},
                                          {"stride", Config::List{1, 2}}})});

}  // namespace
}  // namespace batchwise
