// Layers that move elements, and those that do nothing when they predict, in ONNX operators.
#include <algorithm>

#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

std::vector<std::string> same(const OnnxCall& call) { return {call.inputs[0]}; }

std::vector<std::string> flatten(const OnnxCall& call) {
  require_channels_last(call);
  return {call.graph.node("Flatten", {call.inputs[0]}, {{"axis", int64_t{1}}})};
}

std::vector<std::string> reshape(const OnnxCall& call) {
  std::vector<int64_t> dims{0};  // the batch stays
  for (const int64_t dim : call.output_shapes[0]) dims.push_back(dim);
  require(std::count(dims.begin(), dims.end(), -1) <= 1, call.where(), "at most one size may be open. Got ",
          call.output_shapes[0], ".");
  return {call.graph.node("Reshape", {call.inputs[0], call.graph.integers(dims)})};
}

std::vector<std::string> permute(const OnnxCall& call) {
  std::vector<int64_t> order{0};
  for (const Config& axis : call.config.at("dims").as_list()) order.push_back(axis.as_int());
  return {call.graph.node("Transpose", {call.inputs[0]}, {{"perm", order}})};
}

std::vector<std::string> repeat(const OnnxCall& call) {
  const std::string x = call.graph.node("Unsqueeze", {call.inputs[0], call.graph.integers({1})});
  return {call.graph.node("Tile", {x, call.graph.integers({1, call.config.get("n", 1), 1})})};
}

// Amounts per axis of a window layer: n, (a, b) or ((a, b), (c, d)).
std::vector<std::pair<int64_t, int64_t>> both_ends(const OnnxCall& call, const char* key, int window) {
  const Config& value = call.config.at(key);
  std::vector<std::pair<int64_t, int64_t>> all;
  for (int axis = 0; axis < window; ++axis) {
    if (value.is_int()) {
      all.emplace_back(value.as_int(), value.as_int());
      continue;
    }
    const bool one_axis = window == 1 && !value.as_list().front().is_list();
    const Config& own = one_axis ? value : value.as_list().at(static_cast<size_t>(axis));
    if (own.is_int()) all.emplace_back(own.as_int(), own.as_int());
    else all.emplace_back(own.as_list().at(0).as_int(), own.as_list().at(1).as_int());
  }
  return all;
}

std::vector<std::string> zero_padding(const OnnxCall& call) {
  require_channels_last(call);
  const auto ends = both_ends(call, "padding", call.rank() - 2);
  std::vector<int64_t> pads(static_cast<size_t>(call.rank()) * 2, 0);
  for (size_t axis = 0; axis < ends.size(); ++axis) {
    pads[axis + 1] = ends[axis].first;
    pads[axis + 1 + static_cast<size_t>(call.rank())] = ends[axis].second;
  }
  return {call.graph.node("Pad", {call.inputs[0], call.graph.integers(pads)})};
}

std::vector<std::string> cropping(const OnnxCall& call) {
  require_channels_last(call);
  const auto ends = both_ends(call, "cropping", call.rank() - 2);
  std::vector<int64_t> from, to, axes;
  for (size_t axis = 0; axis < ends.size(); ++axis) {
    from.push_back(ends[axis].first);
    to.push_back(ends[axis].second == 0 ? INT64_MAX : -ends[axis].second);
    axes.push_back(static_cast<int64_t>(axis) + 1);
  }
  return {call.graph.node(
      "Slice", {call.inputs[0], call.graph.integers(from), call.graph.integers(to), call.graph.integers(axes)})};
}

std::vector<std::string> up_sampling(const OnnxCall& call) {
  require_channels_last(call);
  const std::string how = call.config.get("interpolation", "nearest");
  require(how == "nearest", call.where(), "interpolation must be nearest to be exported to ONNX. Got \"", how, "\".");
  const int window = call.rank() - 2;
  std::vector<float> scales{1, 1};
  for (const int64_t size : call.config.get_ints("size", window, 2)) scales.push_back(static_cast<float>(size));
  const std::string x = channels_first(call.graph, call.inputs[0], call.rank());
  const std::string y =
      call.graph.node("Resize", {x, "", call.graph.floats("scales", {static_cast<int64_t>(scales.size())}, scales)},
                      {{"mode", std::string("nearest")},
                       {"coordinate_transformation_mode", std::string("asymmetric")},
                       {"nearest_mode", std::string("floor")}});
  return {channels_last(call.graph, y, call.rank())};
}

const RegisterOnnxRule nothing{
    {"Dropout", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "GaussianNoise", "GaussianDropout",
     "AlphaDropout", "ActivityRegularization", "Identity", "RandomFlip", "RandomRotation", "RandomZoom",
     "RandomTranslation", "RandomContrast", "RandomBrightness", "ops.core.StopGradient"},
    same};
const RegisterOnnxRule flat{{"Flatten"}, flatten};
const RegisterOnnxRule shaped{{"Reshape", "ops.numpy.Reshape", "ops.numpy.ExpandDims", "ops.numpy.Squeeze"}, reshape};
const RegisterOnnxRule permuted{{"Permute"}, permute};
const RegisterOnnxRule repeated{{"RepeatVector"}, repeat};
const RegisterOnnxRule padded{{"ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D"}, zero_padding};
const RegisterOnnxRule cropped{{"Cropping1D", "Cropping2D", "Cropping3D"}, cropping};
const RegisterOnnxRule upped{{"UpSampling1D", "UpSampling2D", "UpSampling3D"}, up_sampling};

}  // namespace
}  // namespace batchwise
