// Operations that move the elements of one tensor: reshape, transpose, expand, squeeze, flip, repeat, tile, pad.
#include <algorithm>
#include <functional>
#include <map>
#include <numeric>

#include "kernels/arrangement.h"
#include "kernels/view.h"
#include "layers/arguments.h"
#include "layers/operations/operation.h"

namespace batchwise {
namespace {

// What the operation makes of the elements: their arrangement, or the same ones under another shape.
using Change = std::function<void(const std::string& key, const Config& config, Arrangement& elements)>;

std::vector<int64_t> numbers(const std::string& key, const Config& value) {
  if (!value.is_list()) return {value.as_int(key)};
  std::vector<int64_t> all;
  for (const Config& item : value.as_list()) all.push_back(item.is_null() ? -1 : item.as_int(key));
  return all;
}

int axis_of(const std::string& key, const Config& config, const char* name, int rank) {
  return sample_axis(key, config.at(name).as_int(key), rank);
}

void transpose(const std::string& key, const Config& config, Arrangement& elements) {
  const int rank = elements.shape.rank();
  const Config* stated = config.find("axes");
  require(stated && !stated->is_null(), key, "axes must be stated, the batch first. Got none.");
  const std::vector<int64_t> axes = numbers(key, *stated);
  require(axes.size() == static_cast<size_t>(rank) + 1 && axes[0] == 0, key,
          "axes must be all axes, the batch, 0, first. Got ", stated->text(), ".");
  std::vector<int> order;
  for (size_t i = 1; i < axes.size(); ++i) order.push_back(sample_axis(key, axes[i], rank));
  std::vector<int> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  require(std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end(), key, "axes must name each axis once. Got ",
          stated->text(), ".");
  elements.permute(order);
}

void swap_axes(const std::string& key, const Config& config, Arrangement& elements) {
  const int rank = elements.shape.rank();
  std::vector<int> order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<size_t>(axis_of(key, config, "axis1", rank))],
            order[static_cast<size_t>(axis_of(key, config, "axis2", rank))]);
  elements.permute(order);
}

void move_axis(const std::string& key, const Config& config, Arrangement& elements) {
  const int rank = elements.shape.rank();
  const std::vector<int64_t> from = numbers(key, config.at("source")), to = numbers(key, config.at("destination"));
  require(from.size() == to.size(), key, "source and destination must name as many axes. Got ",
          config.at("source").text(), " and ", config.at("destination").text(), ".");
  std::vector<int> order(static_cast<size_t>(rank), -1);
  std::vector<bool> moved(static_cast<size_t>(rank), false);
  for (size_t i = 0; i < from.size(); ++i) {
    const int source = sample_axis(key, from[i], rank), place = sample_axis(key, to[i], rank);
    require(!moved[static_cast<size_t>(source)] && order[static_cast<size_t>(place)] < 0, key,
            "an axis must be named once. Got ", config.at("source").text(), " and ", config.at("destination").text(),
            ".");
    order[static_cast<size_t>(place)] = source;
    moved[static_cast<size_t>(source)] = true;
  }
  int next = 0;
  for (int& axis : order) {
    if (axis >= 0) continue;
    while (moved[static_cast<size_t>(next)]) ++next;
    axis = next++;
  }
  elements.permute(order);
}

void expand_dims(const std::string& key, const Config& config, Arrangement& elements) {
  std::vector<int64_t> axes = numbers(key, config.at("axis"));
  const int rank = elements.shape.rank() + static_cast<int>(axes.size());
  require(rank <= Shape::kMaxRank, key, "a tensor has at most ", Shape::kMaxRank, " axes. Got ", rank, ".");
  std::vector<int> places;
  for (const int64_t axis : axes) places.push_back(sample_axis(key, axis, rank));
  std::sort(places.begin(), places.end());
  for (const int place : places) elements.insert(place);
}

void squeeze(const std::string& key, const Config& config, Arrangement& elements) {
  std::vector<int> axes;
  const Config* stated = config.find("axis");
  for (int axis = 0; axis < elements.shape.rank() && (!stated || stated->is_null()); ++axis)
    if (elements.shape[axis] == 1) axes.push_back(axis);
  if (stated && !stated->is_null())
    for (const int64_t axis : numbers(key, *stated)) axes.push_back(sample_axis(key, axis, elements.shape.rank()));
  std::sort(axes.rbegin(), axes.rend());
  for (const int axis : axes) {
    require(elements.shape[axis] == 1, key, "only axes of size 1 can go. Got ", elements.shape, ".");
    elements.drop(axis);
  }
}

void flip(const std::string& key, const Config& config, Arrangement& elements) {
  const Config* stated = config.find("axis");
  require(stated && !stated->is_null(), key, "axis must name axes of a sample. Got none.");
  for (const int64_t number : numbers(key, *stated)) {
    const int axis = sample_axis(key, number, elements.shape.rank());
    elements.slice(axis, elements.shape[axis] - 1, -1, elements.shape[axis]);
  }
}

struct ShapeEntry {
  std::vector<std::string> arguments;
  Change change;
};
const std::map<std::string, ShapeEntry>& entries() {
  static const std::map<std::string, ShapeEntry> all = {
      {"Transpose", {{"axes"}, transpose}},
      {"Swapaxes", {{"axis1", "axis2"}, swap_axes}},
      {"Moveaxis", {{"source", "destination"}, move_axis}},
      {"ExpandDims", {{"axis"}, expand_dims}},
      {"Squeeze", {{"axis"}, squeeze}},
      {"Flip", {{"axis"}, flip}},
  };
  return all;
}

class ArrangementOperation final : public Operation {
 public:
  ArrangementOperation(const std::string& key, const Config& config)
      : Operation(key, config, entries().at(last_word(key)).arguments), change_(entries().at(last_word(key)).change) {}
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    return {arranged(one(inputs, form)).shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const Arrangement elements = arranged(type.shape);
    if (elements.contiguous())
      return {lowering.add1(make_view_kernel(type, elements.shape, lowering.grain()), {input})};
    return {lowering.add1(make_rearrange_kernel("transpose", type, elements.elements(), lowering.grain()), {input})};
  }

 private:
  Arrangement arranged(const Shape& shape) const {
    Arrangement elements(shape);
    change_(key(), config(), elements);
    return elements;
  }
  const Change& change_;
};

class ReshapeOperation final : public Operation {
 public:
  ReshapeOperation(const std::string& key, const Config& config) : Operation(key, config, {"newshape"}) {
    dims_ = numbers(key, config.at("newshape"));
    require(dims_.size() >= 1 && dims_.size() <= Shape::kMaxRank, key, "newshape must have the batch first. Got ",
            config.at("newshape").text(), ".");
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const Shape& input = one(inputs, form);
    std::vector<int64_t> dims(dims_.begin() + 1, dims_.end());
    int64_t known = 1, open = 0;
    for (const int64_t dim : dims) dim < 0 ? ++open : known *= dim;
    require(open <= 1 && known > 0 && input.count() % known == 0 && (open == 1 || known == input.count()), key(),
            "newshape must keep the samples apart: all but the batch must have the ", input.count(),
            " elements of one. Got ", config().at("newshape").text(), ".");
    for (int64_t& dim : dims)
      if (dim < 0) dim = input.count() / known;
    return {Shape(dims)};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    return {lowering.add1(make_view_kernel(type, call_shapes({type.shape}, {})[0], lowering.grain()), {input})};
  }

 private:
  std::vector<int64_t> dims_;
};

// Repeat, Tile and Pad: where each element of the result comes from.
class SourceOperation final : public Operation {
 public:
  SourceOperation(const std::string& key, const Config& config)
      : Operation(key, config, {"repeats", "axis", "pad_width", "mode"}), word_(last_word(key)) {
    if (word_ == "Pad") {
      mode_ = config.get("mode", "constant");
      require(mode_ == "constant" || mode_ == "reflect" || mode_ == "symmetric", key,
              "mode must be \"constant\", \"reflect\" or \"symmetric\". Got \"", mode_, "\".");
      for (const Config& pair : config.at("pad_width").as_list(key)) pads_.push_back(numbers(key, pair));
      bool fits = !pads_.empty();
      for (const auto& pair : pads_) fits = fits && pair.size() == 2 && pair[0] >= 0 && pair[1] >= 0;
      require(fits && pads_[0][0] == 0 && pads_[0][1] == 0, key,
              "pad_width must be pairs of numbers, (0, 0) for the batch first. Got ", config.at("pad_width").text(),
              ".");
    } else {
      repeats_ = numbers(key, config.at("repeats"));
      for (const int64_t times : repeats_) require(times > 0, key, "repeats must be positive. Got ", times, ".");
      if (word_ == "Repeat") { axis_ = config.at("axis").as_int(key); }
    }
  }
  DType output_dtype(DType input) const override { return input; }
  Shapes call_shapes(const Shapes& inputs, const CallForm& form) const override {
    const auto found = operands(form, inputs.size(), {"x", "constant_values"});
    require(found[0].tensor == 0 &&
                (!found[1].given() || found[1].constant == Config(0) || found[1].constant == Config(0.0)),
            key(), "the operation takes one tensor, and pads with zeros. Got other arguments.");
    Shape shape = inputs[0];
    const int rank = shape.rank();
    if (word_ == "Repeat") {
      const int axis = sample_axis(key(), axis_, rank);
      require(repeats_.size() == 1 || static_cast<int64_t>(repeats_.size()) == shape[axis], key(),
              "repeats must be one number, or one for each of the ", shape[axis], " places. Got ",
              config().at("repeats").text(), ".");
      shape[axis] = repeats_.size() == 1 ? shape[axis] * repeats_[0]
                                         : std::accumulate(repeats_.begin(), repeats_.end(), int64_t{0});
    } else if (word_ == "Tile") {
      require(repeats_.size() <= static_cast<size_t>(rank) + 1 &&
                  (repeats_.size() <= static_cast<size_t>(rank) || repeats_[0] == 1),
              key(), "repeats must leave the batch as it is. Got ", config().at("repeats").text(), ".");
      for (int axis = 0; axis < rank; ++axis) shape[axis] *= times(axis, rank);
    } else {
      require(pads_.size() == static_cast<size_t>(rank) + 1, key(), "pad_width must have a pair for each axis. Got ",
              config().at("pad_width").text(), ".");
      for (int axis = 0; axis < rank; ++axis) {
        const auto& pair = pads_[static_cast<size_t>(axis) + 1];
        const int64_t seen = shape[axis] - (mode_ == "reflect" ? 1 : 0);  // beyond an edge
        require(mode_ == "constant" || (pair[0] <= seen && pair[1] <= seen), key(),
                "pad_width must be at most what lies behind an edge, ", seen, ". Got ", config().at("pad_width").text(),
                ".");
        shape[axis] += pair[0] + pair[1];
      }
    }
    return {shape};
  }
  std::vector<Value> lower(Lowering& lowering, std::span<const Value> inputs) const override {
    const Value input = lowering.plain(inputs[0]);
    const TensorType type = lowering.type(input);
    const int rank = type.shape.rank();
    const Rearrangement elements =
        rearrangement(call_shapes({type.shape}, {})[0], [&](std::span<const int64_t> place) -> int64_t {
          int64_t source = 0;
          for (int axis = 0; axis < rank; ++axis) {
            int64_t at = place[static_cast<size_t>(axis)];
            const int64_t size = type.shape[axis];
            if (word_ == "Repeat") at = axis == sample_axis(key(), axis_, rank) ? repeated(at) : at;
            else if (word_ == "Tile") at %= size;
            else at = padded(at - pads_[static_cast<size_t>(axis) + 1][0], size);
            if (at < 0 || at >= size) return -1;
            source = source * size + at;
          }
          return source;
        });
    return {lowering.add1(make_rearrange_kernel("repeat", type, elements, lowering.grain()), {input})};
  }

 private:
  int64_t times(int axis, int rank) const {  // of Tile
    const int at = axis - rank + static_cast<int>(repeats_.size());
    return at < 0 ? 1 : repeats_[static_cast<size_t>(at)];
  }

  int64_t repeated(int64_t at) const {  // of Repeat
    if (repeats_.size() == 1) return at / repeats_[0];
    int64_t place = 0;
    while (at >= repeats_[static_cast<size_t>(place)]) at -= repeats_[static_cast<size_t>(place++)];
    return place;
  }
  int64_t padded(int64_t at, int64_t size) const {  // of Pad: what lies beyond an edge is outside or mirrored
    if (mode_ == "constant") return at;
    const int64_t edge = mode_ == "symmetric" ? 1 : 0;
    if (at < 0) return -at - edge;
    return at < size ? at : 2 * size - 2 - at + edge;
  }

  std::string word_, mode_ = "constant";
  std::vector<int64_t> repeats_;
  std::vector<std::vector<int64_t>> pads_;
  int64_t axis_ = 0;
};

Config axis(const Config& value) { return Config::object({{"axis", value}}); }

const bool registered =
    register_operations<ArrangementOperation>({"ops.numpy.Transpose"},
                                              {Config::object({{"axes", Config::List{0, 2, 1}}})}) &&
    register_operations<ArrangementOperation>({"ops.numpy.Swapaxes"},
                                              {Config::object({{"axis1", 1}, {"axis2", -1}})}) &&
    register_operations<ArrangementOperation>({"ops.numpy.Moveaxis"},
                                              {Config::object({{"source", 1}, {"destination", -1}})}) &&
    register_operations<ArrangementOperation>({"ops.numpy.ExpandDims"}, {axis(1), axis(-1)}) &&
    register_operations<ArrangementOperation>({"ops.numpy.Squeeze"}, {axis(Config())}) &&
    register_operations<ArrangementOperation>({"ops.numpy.Flip"}, {axis(1), axis(Config::List{1, -1})}) &&
    register_operations<ReshapeOperation>({"ops.numpy.Reshape"},
                                          {Config::object({{"newshape", Config::List{-1, 2, 3}}}),
                                           Config::object({{"newshape", Config::List{Config(), 2, -1}}})}) &&
    register_operations<SourceOperation>({"ops.numpy.Repeat"},
                                         {Config::object({{"repeats", 2}, {"axis", 1}}),
                                          Config::object({{"repeats", Config::List{2, 1, 3}}, {"axis", 1}})}) &&
    register_operations<SourceOperation>({"ops.numpy.Tile"}, {Config::object({{"repeats", Config::List{1, 2, 3}}})}) &&
    register_operations<SourceOperation>(
        {"ops.numpy.Pad"},
        {Config::object({{"pad_width", Config::List{Config::List{0, 0}, Config::List{1, 2}, Config::List{0, 1}}}}),
         Config::object({{"pad_width", Config::List{Config::List{0, 0}, Config::List{1, 2}, Config::List{0, 1}}},
                         {"mode", "reflect"}}),
         Config::object({{"pad_width", Config::List{Config::List{0, 0}, Config::List{2, 0}, Config::List{0, 3}}},
                         {"mode", "symmetric"}})});

}  // namespace
}  // namespace batchwise
