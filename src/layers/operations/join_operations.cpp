// Operations between one tensor and several: concatenate, stack, split.
#include <algorithm>

#include "kernels/arrangement.h"
#include "kernels/concatenate.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

class JoinOperation final : public Operation {
 public:
  JoinOperation(const std::string& key, const Config& config)
      : Operation(key, config,
                  last_word(key) == "Hstack" || last_word(key) == "Dstack" ? std::vector<std::string>{}
                                                                           : std::vector<std::string>{"axis"}),
        stacks_(last_word(key) == "Stack"),
        axis_(config.get("axis", 0)) {
    if (last_word(key) == "Hstack") axis_ = 1;
    if (last_word(key) == "Dstack") axis_ = 2;
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    if (last_word(key()) == "Append") {
      const auto found = operands(form, inputs.size(), {"x1", "x2"});
      require(inputs.size() == 2 && found[0].tensor == 0 && found[1].tensor == 1, key(),
              "the operation takes two tensors. Got ", inputs.size(), ".");
    } else {
      require_list(inputs, form);
    }
    Shape whole = part(inputs[0]);
    const int axis = sample_axis(key(), axis_, whole.rank());
    for (size_t i = 1; i < inputs.size(); ++i) {
      const Shape other = part(inputs[i]);
      bool fits = other.rank() == whole.rank();
      for (int a = 0; fits && a < whole.rank(); ++a) fits = a == axis || other[a] == whole[a];
      require(fits && (!adds_axis(inputs[i]) || other[axis] == 1), key(), "tensors must agree in all other axes. Got ",
              inputs[0], " and ", inputs[i], ".");
      whole[axis] += other[axis];
    }
    return {whole};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    std::vector<Value> parts;
    std::vector<TensorType> types;
    for (const Value input : inputs) {
      Value value = lowering.plain(input);
      const TensorType type = lowering.type(value);
      require(type.dtype == lowering.type(inputs[0]).dtype, key(), "tensors must be of one dtype: cast them. Got ",
              lowering.type(inputs[0]).dtype, " and ", type.dtype, ".");
      if (adds_axis(type.shape))
        value = lowering.add1(make_view_kernel(type, part(type.shape), lowering.grain()), {value});
      parts.push_back(value);
      types.push_back(lowering.type(value));
    }
    if (parts.size() == 1) return parts;
    const int axis = sample_axis(key(), axis_, types[0].shape.rank());
    return {lowering.add1(make_concatenate_kernel(types, axis, lowering.grain()), parts)};
  }

 private:
  // Stack does, and dstack of vectors.
  bool adds_axis(const Shape& shape) const { return stacks_ || (last_word(key()) == "Dstack" && shape.rank() == 1); }
  Shape part(const Shape& shape) const {
    if (!adds_axis(shape)) return shape;
    Arrangement elements(shape);
    elements.insert(sample_axis(key(), axis_, shape.rank() + 1));
    return elements.shape;
  }
  bool stacks_;
  int64_t axis_;
};

class SplitOperation final : public Operation {
 public:
  SplitOperation(const std::string& key, const Config& config)
      : Operation(key, config,
                  last_word(key) == "Hsplit" || last_word(key) == "Dsplit"
                      ? std::vector<std::string>{"indices_or_sections"}
                      : std::vector<std::string>{"indices_or_sections", "axis"}),
        axis_(config.get("axis", 0)) {
    if (last_word(key) == "Hsplit") axis_ = 1;
    if (last_word(key) == "Dsplit") axis_ = 2;
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& input = one(inputs, form);
    const int axis = sample_axis(key(), axis_, input.rank());
    Shapes shapes;
    const std::vector<int64_t> ends = ends_of(input[axis]);
    for (size_t i = 0; i < ends.size(); ++i) {
      shapes.push_back(input);
      shapes.back()[axis] = ends[i] - (i ? ends[i - 1] : 0);
    }
    return shapes;
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const int axis = sample_axis(key(), axis_, type.shape.rank());
    std::vector<Value> parts;
    int64_t start = 0;
    for (const int64_t end : ends_of(type.shape[axis])) {
      Arrangement elements(type.shape);
      elements.slice(axis, start, 1, end - start);
      parts.push_back(
          lowering.add1(make_rearrange_kernel("split", type, elements.elements(), lowering.grain()), {input}));
      start = end;
    }
    return parts;
  }

 private:
  std::vector<int64_t> ends_of(int64_t size) const {
    const Config parts = config().at("indices_or_sections");
    std::vector<int64_t> ends;
    if (parts.is_list()) {
      for (const Config& end : parts.as_list()) ends.push_back(end.as_int(key()));
      ends.push_back(size);
    } else {
      const int64_t sections = parts.as_int(key());
      const bool even = last_word(key()) != "ArraySplit";  // else the first parts may be longer by one
      require(sections > 0 && sections <= size && (!even || size % sections == 0), key(),
              "the sections must divide the axis of size ", size, ". Got ", sections, ".");
      for (int64_t i = 1; i <= sections; ++i) ends.push_back(i * (size / sections) + std::min(i, size % sections));
    }
    for (size_t i = 0; i < ends.size(); ++i)
      require(ends[i] > (i ? ends[i - 1] : 0) && ends[i] <= size, key(), "indices must grow, within the axis of size ",
              size, ". Got ", parts.text(), ".");
    return ends;
  }
  int64_t axis_;
};

const bool registered =
    register_operations<JoinOperation>({"ops.numpy.Concatenate", "ops.numpy.Stack"},
                                       {Config::object({{"axis", -1}}), Config::object({{"axis", 1}})}) &&
    register_operations<JoinOperation>({"ops.numpy.Append"}, {Config::object({{"axis", 1}})}) &&
    register_operations<JoinOperation>({"ops.numpy.Hstack", "ops.numpy.Dstack"}) &&
    register_operations<SplitOperation>({"ops.numpy.Hsplit"}, {Config::object({{"indices_or_sections", 3}})}) &&
    register_operations<SplitOperation>({"ops.numpy.Dsplit"},
                                        {Config::object({{"indices_or_sections", Config::List{1, 2}}})}) &&
    register_operations<SplitOperation>({"ops.numpy.ArraySplit"},
                                        {Config::object({{"indices_or_sections", 3}, {"axis", -1}})}) &&
    register_operations<SplitOperation>({"ops.numpy.Split"},
                                        {Config::object({{"indices_or_sections", 2}, {"axis", -1}}),
                                         Config::object({{"indices_or_sections", Config::List{1, 3}}, {"axis", 1}})});

}  // namespace
}  // namespace batchwise
