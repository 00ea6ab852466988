// resnet50v2: Keras's ResNet50V2, with its layer names, so that weights can be exchanged.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

constexpr double kEpsilon = 1.001e-5;

Symbol block(const Symbol& x, const std::string& name, int64_t filters, int64_t strides, bool project,
             Numbered& number) {
  const Symbol before = activation(batch_normalization(x, name + "_preact_bn", kEpsilon), name + "_preact_relu");
  Symbol shortcut = x;
  if (project) shortcut = convolution(before, name + "_0_conv", {4 * filters, 1, strides, "valid", true});
  else if (strides > 1) shortcut = max_pooling(x, number("max_pooling2d"), 1, strides);
  Symbol y = convolution(before, name + "_1_conv", {filters, 1, 1, "valid"});
  y = activation(batch_normalization(y, name + "_1_bn", kEpsilon), name + "_1_relu");
  y = convolution(zero_padding(y, name + "_2_pad", 1, 1), name + "_2_conv", {filters, 3, strides, "valid"});
  y = activation(batch_normalization(y, name + "_2_bn", kEpsilon), name + "_2_relu");
  y = convolution(y, name + "_3_conv", {4 * filters, 1, 1, "valid", true});
  return built("Add", {}, name + "_out")({shortcut, y});
}

Model make(const BuiltinInput& input) {
  require_images("resnet50v2", input, 32);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = convolution(zero_padding(image, "conv1_pad", 3, 3), "conv1_conv", {64, 7, 2, "valid", true});
  x = max_pooling(zero_padding(x, "pool1_pad", 1, 1), "pool1_pool", 3, 2);
  Numbered number;
  const int blocks[] = {3, 4, 6, 3};
  for (int group = 0; group < 4; ++group)
    for (int b = 1; b <= blocks[group]; ++b)
      x = block(x, "conv" + std::to_string(group + 2) + "_block" + std::to_string(b), int64_t{64} << group,
                b == blocks[group] && group < 3 ? 2 : 1, b == 1, number);
  x = activation(batch_normalization(x, "post_bn", kEpsilon), "post_relu");
  x = built("GlobalAveragePooling2D", {}, "avg_pool")(x);
  return Model(image, classes(x, input.classes), "resnet50v2");
}

const RegisterBuiltin registered{"resnet50v2", {"Keras's ResNet50V2", {{224, 224, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise::builtin
