// Convolutions in ONNX operators: weights turned to output channels first, images on the way in and out.
#include <algorithm>

#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

// Keras's (window..., in, out) as ONNX's (out, in, window...). Of a transposed convolution Keras has (window..., out,
// in), and ONNX wants (in, out, window...): the same turn.
std::string turned_kernel(const OnnxCall& call, const Variable& weight, bool depthwise) {
  const Shape& shape = weight.spec.shape;
  const int window = shape.rank() - 2;
  const int64_t in = shape[window], out = shape[window + 1];
  const int64_t places = shape.count() / std::max<int64_t>(in * out, 1);
  std::vector<float> values(weight.value.size());
  std::vector<int64_t> dims{depthwise ? in * out : out, depthwise ? 1 : in};
  for (int axis = 0; axis < window; ++axis) dims.push_back(shape[axis]);
  for (int64_t p = 0; p < places; ++p)
    for (int64_t i = 0; i < in; ++i)
      for (int64_t o = 0; o < out; ++o) {
        const int64_t row = depthwise ? i * out + o : o * in + i;
        values[static_cast<size_t>(row * places + p)] = weight.value[static_cast<size_t>((p * in + i) * out + o)];
      }
  return call.graph.floats(weight.path, Shape(std::span<const int64_t>(dims)), values);
}

std::vector<OnnxAttribute> window_attributes(const OnnxCall& call, int window) {
  require_channels_last(call);
  const std::vector<int64_t> strides = call.config.get_ints("strides", window, 1);
  const std::vector<int64_t> dilations = call.config.get_ints("dilation_rate", window, 1);
  return {{"strides", strides}, {"dilations", dilations}};
}

std::string activated(const OnnxCall& call, const std::string& x) {
  return onnx_activation(call.graph, spec_of(call.config.at("activation"), call.where()), x, call.where());
}

std::string convolved(const OnnxCall& call, const std::string& x, const Variable& kernel, bool depthwise,
                      int64_t groups, const std::string& bias, bool plain = false) {
  const int window = kernel.spec.shape.rank() - 2;
  std::vector<OnnxAttribute> attributes = window_attributes(call, window);
  if (plain) attributes = {};
  const std::string padding = call.config.get("padding", "valid");
  if (padding == "causal") {
    const int64_t left = (kernel.spec.shape[0] - 1) * call.config.get_ints("dilation_rate", 1, 1)[0];
    attributes.push_back({"pads", std::vector<int64_t>{left, 0}});
  } else if (!plain) {
    require(padding == "valid" || padding == "same", call.where(), "padding must be one of valid, same, causal. Got \"",
            padding, "\".");
    attributes.push_back({"auto_pad", std::string(padding == "same" ? "SAME_UPPER" : "VALID")});
  }
  attributes.push_back({"group", groups});
  std::vector<std::string> inputs{x, turned_kernel(call, kernel, depthwise)};
  if (!bias.empty()) inputs.push_back(bias);
  return call.graph.node("Conv", inputs, attributes);
}

std::string bias_of(const OnnxCall& call) { return call.has_weight("bias") ? call.weight("bias") : ""; }

std::vector<std::string> convolution(const OnnxCall& call) {
  const std::string x = channels_first(call.graph, call.inputs[0], call.rank());
  const std::string y =
      convolved(call, x, call.weight_values("kernel"), false, call.config.get("groups", 1), bias_of(call));
  return {activated(call, channels_last(call.graph, y, call.rank()))};
}

std::vector<std::string> depthwise(const OnnxCall& call) {
  const Variable& kernel = call.weight_values(call.has_weight("depthwise_kernel") ? "depthwise_kernel" : "kernel");
  const std::string x = channels_first(call.graph, call.inputs[0], call.rank());
  const std::string y = convolved(call, x, kernel, true, call.input_shapes[0].back(), bias_of(call));
  return {activated(call, channels_last(call.graph, y, call.rank()))};
}

std::vector<std::string> separable(const OnnxCall& call) {
  const std::string x = channels_first(call.graph, call.inputs[0], call.rank());
  const std::string deep =
      convolved(call, x, call.weight_values("depthwise_kernel"), true, call.input_shapes[0].back(), "");
  const std::string y = convolved(call, deep, call.weight_values("pointwise_kernel"), false, 1, bias_of(call), true);
  return {activated(call, channels_last(call.graph, y, call.rank()))};
}

// Keras crops the full result: with "same" to input times stride, the rest cut mostly at the end.
std::vector<std::string> transposed(const OnnxCall& call) {
  const Variable& kernel = call.weight_values("kernel");
  const int window = kernel.spec.shape.rank() - 2;
  std::vector<OnnxAttribute> attributes = window_attributes(call, window);
  const Config* stated = call.config.find("output_padding");
  require(!stated || stated->is_null(), call.where(), "output_padding cannot be exported to ONNX. Got ",
          stated ? stated->text() : "", ".");
  const std::vector<int64_t> strides = call.config.get_ints("strides", window, 1);
  const std::vector<int64_t> dilations = call.config.get_ints("dilation_rate", window, 1);
  std::vector<int64_t> begin, end, extra;
  for (int axis = 0; axis < window; ++axis) {
    const int64_t reach = (kernel.spec.shape[axis] - 1) * dilations[axis] + 1;
    const bool same = call.config.get("padding", "valid") == "same";
    const int64_t cut = same ? std::max<int64_t>(reach - strides[axis], 0) : 0;
    begin.push_back(cut / 2);
    end.push_back(cut - cut / 2);
    extra.push_back(std::max<int64_t>(strides[axis] - reach, 0));
  }
  std::vector<int64_t> pads = begin;
  pads.insert(pads.end(), end.begin(), end.end());
  attributes.push_back({"pads", pads});
  attributes.push_back({"output_padding", extra});
  const std::string x = channels_first(call.graph, call.inputs[0], call.rank());
  std::vector<std::string> inputs{x, turned_kernel(call, kernel, false)};
  if (call.has_weight("bias")) inputs.push_back(call.weight("bias"));
  const std::string y = call.graph.node("ConvTranspose", inputs, attributes);
  return {activated(call, channels_last(call.graph, y, call.rank()))};
}

const RegisterOnnxRule plain{{"Conv1D", "Conv2D", "Conv3D"}, convolution};
const RegisterOnnxRule deep{{"DepthwiseConv1D", "DepthwiseConv2D"}, depthwise};
const RegisterOnnxRule separate{{"SeparableConv1D", "SeparableConv2D"}, separable};
const RegisterOnnxRule back{{"Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose"}, transposed};

}  // namespace
}  // namespace batchwise
