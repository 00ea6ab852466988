// mobilenetv2: Keras's MobileNetV2, with its layer names, so that weights can be exchanged.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

constexpr double kEpsilon = 1e-3, kMomentum = 0.999;

Symbol normalised(const Symbol& x, const std::string& name) {
  return batch_normalization(x, name, kEpsilon, kMomentum);
}
Symbol relu6(const Symbol& x, const std::string& name) { return built("ReLU", {{"max_value", 6.0}}, name)(x); }

// Expanded, filtered channel by channel, projected; joined with its input where the shapes agree.
Symbol inverted_residual(const Symbol& input, int number, int64_t filters, int64_t strides, int64_t expansion) {
  const std::string prefix = number ? "block_" + std::to_string(number) + "_" : "expanded_conv_";
  const int64_t channels = input.shape().back();
  Symbol x = input;
  if (number) {
    x = convolution(x, prefix + "expand", {expansion * channels, 1});
    x = relu6(normalised(x, prefix + "expand_BN"), prefix + "expand_relu");
  }
  if (strides == 2) x = padded_for_stride(x, prefix + "pad", 3);
  x = depthwise(x, prefix + "depthwise", 3, strides, strides == 1 ? "same" : "valid");
  x = relu6(normalised(x, prefix + "depthwise_BN"), prefix + "depthwise_relu");
  x = normalised(convolution(x, prefix + "project", {filters, 1}), prefix + "project_BN");
  if (channels != filters || strides != 1) return x;
  return built("Add", {}, prefix + "add")({input, x});
}

Model make(const BuiltinInput& input) {
  require_images("mobilenetv2", input, 32);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = relu6(normalised(convolution(image, "Conv1", {32, 3, 2}), "bn_Conv1"), "Conv1_relu");
  x = inverted_residual(x, 0, 16, 1, 1);
  const struct {
    int64_t filters, strides;
    int blocks;
  } stages[] = {{24, 2, 2}, {32, 2, 3}, {64, 2, 4}, {96, 1, 3}, {160, 2, 3}, {320, 1, 1}};
  int number = 1;
  for (const auto& stage : stages)
    for (int b = 0; b < stage.blocks; ++b) x = inverted_residual(x, number++, stage.filters, b ? 1 : stage.strides, 6);
  x = relu6(normalised(convolution(x, "Conv_1", {1280, 1, 1, "valid"}), "Conv_1_bn"), "out_relu");
  x = built("GlobalAveragePooling2D", {}, "global_average_pooling2d")(x);
  return Model(image, classes(x, input.classes), "mobilenetv2");
}

const RegisterBuiltin registered{"mobilenetv2", {"Keras's MobileNetV2", {{224, 224, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise::builtin
