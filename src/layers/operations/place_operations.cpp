// Operations that say where each element comes from: take, roll, tril, triu.
#include <algorithm>
#include <map>

#include "kernels/rearrange.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

// Numbered elements of one axis: a list of them, or one, with which the axis goes.
class TakeOperation final : public Operation {
 public:
  TakeOperation(const std::string& key, const Config& config) : Operation(key, config, {"axis", "indices"}) {
    const Config* axis = config.find("axis");
    require(axis && axis->is_int(), key, "axis must be one axis of a sample. Got ", axis ? axis->text() : "none", ".");
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override { return {read(inputs, form).shape}; }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Taken taken = read({type.shape}, lowering.call_form());
    const size_t axis = static_cast<size_t>(taken.axis);
    const Rearrangement elements = rearrangement(taken.shape, [&](std::span<const int64_t> place) {
      std::vector<int64_t> from(place.begin(), place.end());
      if (taken.one) from.insert(from.begin() + taken.axis, taken.indices[0]);
      else from[axis] = taken.indices[static_cast<size_t>(from[axis])];
      return element_of(type.shape, from);
    });
    return {lowering.add1(make_rearrange_kernel("take", type, elements, lowering.grain()), {input})};
  }

 private:
  struct Taken {
    int axis;
    bool one;
    std::vector<int64_t> indices;
    Shape shape;
  };
  Taken read(const Shapes& inputs, const CallForm& form) const {
    const auto found = operands(form, inputs.size(), {"x", "indices"});
    const Config own = config();
    const Config* stated = own.find("indices");
    require(found[0].tensor == 0 && found[1].tensor < 0 && (stated || found[1].given()), key(),
            "the operation takes one tensor, and indices that are constants. Got ", inputs.size(), " tensors.");
    const Config* indices = stated ? stated : &found[1].constant;
    if (indices->find("class_name")) indices = &indices->at("config").at("value");
    Taken taken{sample_axis(key(), own.at("axis").as_int(key()), inputs[0].rank()),
                !indices->is_list(),
                number_list(key(), *indices),
                {}};
    const int64_t size = inputs[0][taken.axis];
    for (int64_t& index : taken.indices) {
      require(index >= -size && index < size, key(), "an index must be in [", -size, ", ", size, "). Got ", index, ".");
      if (index < 0) index += size;
    }
    std::vector<int64_t> dims(inputs[0].begin(), inputs[0].end());
    if (taken.one) dims.erase(dims.begin() + taken.axis);
    else dims[static_cast<size_t>(taken.axis)] = static_cast<int64_t>(taken.indices.size());
    taken.shape = Shape(dims);
    return taken;
  }
};

class RollOperation final : public Operation {
 public:
  RollOperation(const std::string& key, const Config& config) : Operation(key, config, {"shift", "axis"}) {
    const Config* axis = config.find("axis");
    require(axis && !axis->is_null(), key,
            "axis must name axes of a sample: without one, samples would be mixed. Got "
            "none.");
    axes_ = number_list(key, *axis);
    shifts_ = number_list(key, config.at("shift"));
    if (shifts_.size() == 1) shifts_.resize(axes_.size(), shifts_[0]);
    require(shifts_.size() == axes_.size(), key, "shift must be one number, or one for each axis. Got ",
            config.at("shift").text(), ".");
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    for (const int64_t axis : axes_) sample_axis(key(), axis, shape.rank());
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    std::vector<int64_t> back(static_cast<size_t>(type.shape.rank()), 0);
    for (size_t i = 0; i < axes_.size(); ++i)
      back[static_cast<size_t>(sample_axis(key(), axes_[i], type.shape.rank()))] += shifts_[i];
    const Rearrangement elements = rearrangement(type.shape, [&](std::span<const int64_t> place) {
      std::vector<int64_t> from(place.begin(), place.end());
      for (size_t axis = 0; axis < from.size(); ++axis) {
        const int64_t size = type.shape[static_cast<int>(axis)];
        from[axis] = ((from[axis] - back[axis]) % size + size) % size;
      }
      return element_of(type.shape, from);
    });
    return {lowering.add1(make_rearrange_kernel("roll", type, elements, lowering.grain()), {input})};
  }

 private:
  std::vector<int64_t> axes_, shifts_;
};

// The lower or upper triangle of the last two axes, zeros elsewhere.
class TriangleOperation final : public Operation {
 public:
  TriangleOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"k"}), lower_(last_word(key) == "Tril"), diagonal_(config.get("k", 0)) {}
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& shape = one(inputs, form);
    require(shape.rank() >= 2, key(), "each sample must have two axes or more. Got ", shape, ".");
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Rearrangement elements = rearrangement(type.shape, [&](std::span<const int64_t> place) -> int64_t {
      const int64_t over = place[place.size() - 1] - place[place.size() - 2];
      return (lower_ ? over <= diagonal_ : over >= diagonal_) ? element_of(type.shape, place) : -1;
    });
    return {lowering.add1(make_rearrange_kernel("triangle", type, elements, lowering.grain()), {input})};
  }

 private:
  bool lower_;
  int64_t diagonal_;
};

const bool registered =
    register_operations<TakeOperation>({"ops.numpy.Take"},
                                       {Config::object({{"axis", 1}, {"indices", Config::List{2, 0, -1}}}),
                                        Config::object({{"axis", -1}, {"indices", 1}})}) &&
    register_operations<RollOperation>(
        {"ops.numpy.Roll"}, {Config::object({{"shift", 2}, {"axis", 1}}),
                             Config::object({{"shift", Config::List{-1, 2}}, {"axis", Config::List{1, 2}}})}) &&
    register_operations<TriangleOperation>({"ops.numpy.Tril", "ops.numpy.Triu"},
                                           {Config(Config::Object{}), Config::object({{"k", 1}})});

}  // namespace
}  // namespace batchwise
