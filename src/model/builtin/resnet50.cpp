// resnet50: Keras's ResNet50, with its layer names, so that weights can be exchanged.
#include "model/builtin/builtin.h"

namespace batchwise {
namespace {

Symbol conv_bn(const Symbol& x, const std::string& name, int64_t filters, int kernel, int stride) {
  const Symbol conv = built(
      "Conv2D",
      {{"filters", filters}, {"kernel_size", kernel}, {"strides", stride}, {"padding", kernel == 3 ? "same" : "valid"}},
      name + "_conv")(x);
  return built("BatchNormalization", {{"axis", 3}, {"epsilon", 1.001e-5}}, name + "_bn")(conv);
}

Symbol relu(const Symbol& x, const std::string& name) { return built("Activation", {{"activation", "relu"}}, name)(x); }

Symbol residual_block(const Symbol& x, const std::string& name, int64_t filters, int stride, bool project) {
  const Symbol shortcut = project ? conv_bn(x, name + "_0", 4 * filters, 1, stride) : x;
  Symbol y = relu(conv_bn(x, name + "_1", filters, 1, stride), name + "_1_relu");
  y = relu(conv_bn(y, name + "_2", filters, 3, 1), name + "_2_relu");
  y = conv_bn(y, name + "_3", 4 * filters, 1, 1);
  return relu(built("Add", {}, name + "_add")({shortcut, y}), name + "_out");
}

Symbol zero_padding(const Symbol& x, const std::string& name, int64_t size) {
  return built("ZeroPadding2D", {{"padding", Config::List{Config::List{size, size}, Config::List{size, size}}}},
               name)(x);
}

Model make(const BuiltinInput& input) {
  require(input.shape.rank() == 3 && input.shape[0] >= 32 && input.shape[1] >= 32, "resnet50",
          "samples must be images of shape (height, width, channels), at least 32 by 32. Got ", input.shape, ".");
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = conv_bn(zero_padding(image, "conv1_pad", 3), "conv1", 64, 7, 2);
  x = zero_padding(relu(x, "conv1_relu"), "pool1_pad", 1);
  x = built("MaxPooling2D", {{"pool_size", 3}, {"strides", 2}}, "pool1_pool")(x);
  const int blocks[] = {3, 4, 6, 3};
  for (int group = 0; group < 4; ++group)
    for (int block = 0; block < blocks[group]; ++block)
      x = residual_block(x, "conv" + std::to_string(group + 2) + "_block" + std::to_string(block + 1),
                         int64_t{64} << group, group > 0 && block == 0 ? 2 : 1, block == 0);
  x = built("GlobalAveragePooling2D", {}, "avg_pool")(x);
  return Model(image, built("Dense", {{"units", input.classes}, {"activation", "softmax"}}, "predictions")(x),
               "resnet50");
}

const RegisterBuiltin registered{"resnet50", {"Keras's ResNet50", {{224, 224, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise
