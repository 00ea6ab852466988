// Operations on a box inside a sample: slice, slice_update, crop_images, pad_images.
#include <algorithm>

#include "kernels/rearrange.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

// A box of a tensor: where it begins, and its shape.
struct Box {
  std::vector<int64_t> start;
  Shape shape;
};

// The first element of `shape` is found at `box.start` of the result, zeros around it (a negative start: cut off).
Rearrangement placed(const Shape& shape, const Box& box, const Shape& result) {
  return rearrangement(result, [&](std::span<const int64_t> place) -> int64_t {
    std::vector<int64_t> from(place.begin(), place.end());
    for (size_t a = 0; a < from.size(); ++a) {
      from[a] -= box.start[a];
      if (from[a] < 0 || from[a] >= shape[static_cast<int>(a)]) return -1;
    }
    return element_of(shape, from);
  });
}

// Starts along the axes of a sample: the batch's must be 0.
std::vector<int64_t> starts_of(const std::string& key, const Operand& operand, int rank) {
  if (!operand.given()) return std::vector<int64_t>(static_cast<size_t>(rank), 0);
  require(operand.tensor < 0, key, "start_indices must be constants. Got a tensor.");
  const Config* value = &operand.constant;
  if (value->find("class_name")) value = &value->at("config").at("value");
  std::vector<int64_t> all = number_list(key, *value);
  require(all.size() == static_cast<size_t>(rank) + 1 && all[0] == 0, key,
          "start_indices must be one for each axis, 0 for the batch. Got ", value->text(), ".");
  all.erase(all.begin());
  return all;
}

class SliceOperation final : public Operation {
 public:
  SliceOperation(const std::string& key, const Config& config) : Operation(key, config, {"shape"}) {
    sizes_ = number_list(key, config.at("shape"));
    require(!sizes_.empty() && sizes_[0] == -1, key,
            "shape must begin with -1, which takes the batch whole: other numbers would hold for one batch size alone. "
            "Got ",
            config.at("shape").text(), ".");
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {box(inputs, form).shape}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    Box part = box({type.shape}, lowering.call_form());
    const Shape to = part.shape;
    for (int64_t& start : part.start) start = -start;
    return {
        lowering.add1(make_rearrange_kernel("slice", type, placed(type.shape, part, to), lowering.grain()), {input})};
  }

 private:
  Box box(const Shapes& inputs, const CallForm& form) const {
    const auto found = operands(form, inputs.size(), {"inputs", "start_indices"});
    require(inputs.size() == 1 && found[0].tensor == 0, key(), "the operation takes one tensor. Got ", inputs.size(),
            ".");
    const Shape& shape = inputs[0];
    Box part{starts_of(key(), found[1], shape.rank()), shape};
    require(sizes_.size() == part.start.size() + 1, key(), "shape must have a size for each axis. Got ",
            config().at("shape").text(), ".");
    for (size_t a = 0; a < part.start.size(); ++a) {
      int64_t& size = part.shape[static_cast<int>(a)];
      const int64_t whole = size, start = part.start[a];
      size = sizes_[a + 1] == -1 ? whole - start : sizes_[a + 1];
      require(start >= 0 && size > 0 && start + size <= whole, key(), "the box must lie within ", shape,
              ". Got a start of ", start, " and a size of ", sizes_[a + 1], ".");
    }
    return part;
  }
  std::vector<int64_t> sizes_;
};

// The tensor, with another one in place of a box.
class SliceUpdateOperation final : public Operation {
 public:
  SliceUpdateOperation(const std::string& key, const Config& config) : Operation(key, config, {}) {}
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    box(inputs, form);
    return {inputs[0]};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value whole = as_floats(lowering, inputs[0]), part = as_floats(lowering, inputs[1]);
    const TensorType type = lowering.type(whole), part_type = lowering.type(part);
    require(lowering.type(inputs[0]).dtype == DType::Float32 && lowering.type(inputs[1]).dtype == DType::Float32, key(),
            "tensors must be float32: cast them. Got ", lowering.type(inputs[0]).dtype, " and ",
            lowering.type(inputs[1]).dtype, ".");
    const Box to = box({type.shape, part_type.shape}, lowering.call_form());
    const Rearrangement kept = rearrangement(type.shape, [&](std::span<const int64_t> place) -> int64_t {
      bool inside = true;
      for (size_t a = 0; a < place.size(); ++a)
        inside = inside && place[a] >= to.start[a] && place[a] < to.start[a] + to.shape[static_cast<int>(a)];
      return inside ? -1 : element_of(type.shape, place);
    });
    const Value around = lowering.add1(make_rearrange_kernel("slice_update", type, kept, lowering.grain()), {whole});
    const Value inside = lowering.add1(
        make_rearrange_kernel("slice_update", part_type, placed(part_type.shape, to, type.shape), lowering.grain()),
        {part});
    return {with_value(lowering, "add", around, inside)};
  }

 private:
  Box box(const Shapes& inputs, const CallForm& form) const {
    std::vector<std::string> names{"inputs", "start_indices", "updates"};
    if (form.plain()) std::swap(names[1], names[2]);
    const auto found = operands(form, inputs.size(), names);
    const size_t start = form.plain() ? 2 : 1;
    require(inputs.size() == 2 && found[0].tensor == 0 && found[3 - start].tensor == 1, key(),
            "the operation takes two tensors, and start_indices that are constants. Got ", inputs.size(), " tensors.");
    const Shape &whole = inputs[0], &part = inputs[1];
    Box to{starts_of(key(), found[start], whole.rank()), part};
    require(part.rank() == whole.rank(), key(), "the tensors must have the same number of axes. Got ", whole, " and ",
            part, ".");
    for (int a = 0; a < whole.rank(); ++a) {
      require(part[a] <= whole[a], key(), "the updates must fit into the tensor. Got ", part, " for ", whole, ".");
      int64_t& first = to.start[static_cast<size_t>(a)];  // as Keras: what would reach over the end is moved back
      first = std::clamp<int64_t>(first, 0, whole[a] - part[a]);
    }
    return to;
  }
};

// Rows and columns of images, channels last, cut off or zeros added: stated for an edge, or left by the target size.
class EdgesOperation final : public Operation {
 public:
  EdgesOperation(const std::string& key, const Config& config)
      : Operation(key, config, edges(last_word(key) == "PadImages")), pads_(last_word(key) == "PadImages") {
    require_channels_last(key, config);
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return {box(one(inputs, form)).shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Box part = box(type.shape);
    return {lowering.add1(make_rearrange_kernel(pads_ ? "pad_images" : "crop_images", type,
                                                placed(type.shape, part, part.shape), lowering.grain()),
                          {input})};
  }

 private:
  static std::vector<std::string> edges(bool pads) {
    const std::string word = pads ? "_padding" : "_cropping";
    return {"top" + word,    "left" + word,  "bottom" + word, "right" + word,
            "target_height", "target_width", "data_format"};
  }
  // How many before and behind, one of the two being what the target size leaves.
  std::pair<int64_t, int64_t> around(int64_t size, const char* before, const char* behind, const char* target) const {
    const std::string word = pads_ ? "_padding" : "_cropping";
    const int64_t sign = pads_ ? 1 : -1;
    const Config all = config();
    const auto stated = [&](const std::string& name) {
      const Config* value = all.find(name);
      return value && !value->is_null() ? value : nullptr;
    };
    const Config *first = stated(before + word), *last = stated(behind + word), *whole = stated(target);
    require((first != nullptr) + (last != nullptr) + (whole != nullptr) == 2, key(), "two of ", before, ", ", behind,
            " and ", target, " must be stated. Got ", all.text(), ".");
    const int64_t change = whole ? sign * (whole->as_int(key()) - size) : 0;
    const int64_t from = first ? first->as_int(key()) : change - last->as_int(key());
    const int64_t to = last ? last->as_int(key()) : change - from;
    require(from >= 0 && to >= 0 && size + sign * (from + to) > 0, key(),
            "edges must be 0 or more, and leave a part of the image. Got ", from, " and ", to, " for ", size, ".");
    return {from, to};
  }
  Box box(const Shape& shape) const {
    require_rank(key(), shape, 3, "(height, width, channels)");
    const auto [top, bottom] = around(shape[0], "top", "bottom", "target_height");
    const auto [left, right] = around(shape[1], "left", "right", "target_width");
    const int64_t sign = pads_ ? 1 : -1;
    return {{sign * top, sign * left, 0},
            {shape[0] + sign * (top + bottom), shape[1] + sign * (left + right), shape[2]}};
  }
  bool pads_;
};

const bool registered =
    register_operations<SliceOperation>({"ops.core.Slice"}, {Config::object({{"shape", Config::List{-1, 2, 2}}})}) &&
    register_operations<SliceUpdateOperation>({"ops.core.SliceUpdate"}) &&
    register_operations<EdgesOperation>(
        {"ops.image.CropImages"},
        {Config::object({{"top_cropping", 1}, {"target_height", 3}, {"left_cropping", 1}, {"right_cropping", 2}})}) &&
    register_operations<EdgesOperation>(
        {"ops.image.PadImages"},
        {Config::object({{"top_padding", 1}, {"bottom_padding", 0}, {"right_padding", 1}, {"target_width", 9}})});

}  // namespace
}  // namespace batchwise
