// densenet121: Keras's DenseNet121, with its layer names, so that weights can be exchanged.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

constexpr double kEpsilon = 1.001e-5;

Symbol grown(const Symbol& x, const std::string& name) {
  Symbol y = activation(batch_normalization(x, name + "_0_bn", kEpsilon), name + "_0_relu");
  y = convolution(y, name + "_1_conv", {128, 1, 1, "valid"});
  y = activation(batch_normalization(y, name + "_1_bn", kEpsilon), name + "_1_relu");
  y = convolution(y, name + "_2_conv", {32, 3});
  return built("Concatenate", {{"axis", 3}}, name + "_concat")({x, y});
}

Symbol transition(const Symbol& x, const std::string& name) {
  Symbol y = activation(batch_normalization(x, name + "_bn", kEpsilon), name + "_relu");
  y = convolution(y, name + "_conv", {x.shape().back() / 2, 1, 1, "valid"});
  return built("AveragePooling2D", {{"pool_size", 2}, {"strides", 2}}, name + "_pool")(y);
}

Model make(const BuiltinInput& input) {
  require_images("densenet121", input, 32);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = convolution(zero_padding(image, "zero_padding2d", 3, 3), "conv1_conv", {64, 7, 2, "valid"});
  x = activation(batch_normalization(x, "conv1_bn", kEpsilon), "conv1_relu");
  x = max_pooling(zero_padding(x, "zero_padding2d_1", 1, 1), "pool1", 3, 2);
  const int blocks[] = {6, 12, 24, 16};
  for (int group = 0; group < 4; ++group) {
    const std::string number = std::to_string(group + 2);
    for (int b = 1; b <= blocks[group]; ++b) x = grown(x, "conv" + number + "_block" + std::to_string(b));
    if (group < 3) x = transition(x, "pool" + number);
  }
  x = activation(batch_normalization(x, "bn", kEpsilon), "relu");
  x = built("GlobalAveragePooling2D", {}, "avg_pool")(x);
  return Model(image, classes(x, input.classes), "densenet121");
}

const RegisterBuiltin registered{"densenet121", {"Keras's DenseNet121", {{224, 224, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise::builtin
