// Pooling in ONNX operators.
#include <batchwise/error.h>

#include "saving/onnx/onnx_rules.h"

namespace batchwise {
namespace {

std::vector<std::string> pooled(const OnnxCall& call) {
  require_channels_last(call);
  const int window = call.rank() - 2;
  const bool max = call.layer.class_name().starts_with("Max");
  const std::vector<int64_t> size = call.config.get_ints("pool_size", window, 2);
  const Config* stated = call.config.find("strides");
  const std::vector<int64_t> strides = stated && !stated->is_null() ? call.config.get_ints("strides", window, 1) : size;
  const std::string padding = call.config.get("padding", "valid");
  std::vector<OnnxAttribute> attributes{{"kernel_shape", size},
                                        {"strides", strides},
                                        {"auto_pad", std::string(padding == "same" ? "SAME_UPPER" : "VALID")}};
  const std::string x = channels_first(call.graph, call.inputs[0], call.rank());
  return {channels_last(call.graph, call.graph.node(max ? "MaxPool" : "AveragePool", {x}, attributes), call.rank())};
}

std::vector<std::string> pooled_whole(const OnnxCall& call) {
  require_channels_last(call);
  std::vector<int64_t> axes;
  for (int64_t axis = 1; axis < call.rank() - 1; ++axis) axes.push_back(axis);
  const bool max = call.layer.class_name().starts_with("GlobalMax");
  return {
      call.graph.node(max ? "ReduceMax" : "ReduceMean", {call.inputs[0]},
                      {{"axes", axes}, {"keepdims", call.config.get("keepdims", false) ? int64_t{1} : int64_t{0}}})};
}

const RegisterOnnxRule windows{
    {"MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D"},
    pooled};
const RegisterOnnxRule wholes{{"GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D",
                               "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D"},
                              pooled_whole};

}  // namespace
}  // namespace batchwise
