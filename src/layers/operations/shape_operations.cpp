// Operations that move the elements of one tensor: reshape, transpose, expand, squeeze, flip, rotate.
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

// Left and right, which are the first two axes: the batch, and the axis that is turned round.
void flip_left_right(const std::string& key, const Config&, Arrangement& elements) {
  require(elements.shape.rank() > 0, key, "samples must have an axis. Got none.");
  elements.slice(0, elements.shape[0] - 1, -1, elements.shape[0]);
}

void rotate(const std::string& key, const Config& config, Arrangement& elements) {
  const std::vector<int64_t> axes = numbers(key, config.find("axes") ? *config.find("axes") : Config::List{0, 1});
  require(axes.size() == 2, key, "axes must be two. Got ", config.text(), ".");
  const int rank = elements.shape.rank(), first = sample_axis(key, axes[0], rank),
            second = sample_axis(key, axes[1], rank);
  require(first != second, key, "axes must be two different ones. Got ", config.text(), ".");
  std::vector<int> order(static_cast<size_t>(rank));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<size_t>(first)], order[static_cast<size_t>(second)]);
  for (int64_t times = ((config.get("k", 1) % 4) + 4) % 4; times > 0; --times) {
    elements.slice(second, elements.shape[second] - 1, -1, elements.shape[second]);
    elements.permute(order);
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
      {"Fliplr", {{}, flip_left_right}},
      {"Rot90", {{"k", "axes"}, rotate}},
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
    register_operations<ArrangementOperation>({"ops.numpy.Fliplr"}) &&
    register_operations<ArrangementOperation>(
        {"ops.numpy.Rot90"},
        {Config::object({{"axes", Config::List{1, 2}}}), Config::object({{"k", 3}, {"axes", Config::List{-1, 1}}})}) &&
    register_operations<ReshapeOperation>({"ops.numpy.Reshape"},
                                          {Config::object({{"newshape", Config::List{-1, 2, 3}}}),
                                           Config::object({{"newshape", Config::List{Config(), 2, -1}}})});

}  // namespace
}  // namespace batchwise
