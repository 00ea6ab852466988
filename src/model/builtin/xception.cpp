// xception: Keras's Xception, with its layer names, so that weights can be exchanged.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

Symbol separable(const Symbol& x, const std::string& name, int64_t filters) {
  const Symbol y = built("SeparableConv2D",
                         {{"filters", filters}, {"kernel_size", 3}, {"padding", "same"}, {"use_bias", false}}, name)(x);
  return batch_normalization(y, name + "_bn");
}

// Two separable convolutions and a pool, joined with a shortcut of half the size.
Symbol halved(const Symbol& x, int number, int64_t first, int64_t second, Numbered& names) {
  const std::string block = "block" + std::to_string(number);
  Symbol shortcut = convolution(x, names("conv2d"), {second, 1, 2});
  shortcut = batch_normalization(shortcut, names("batch_normalization"));
  Symbol y = number == 2 ? x : activation(x, block + "_sepconv1_act");
  y = activation(separable(y, block + "_sepconv1", first), block + "_sepconv2_act");
  y = max_pooling(separable(y, block + "_sepconv2", second), block + "_pool", 3, 2, "same");
  return built("Add", {}, names("add"))({y, shortcut});
}

Model make(const BuiltinInput& input) {
  require_images("xception", input, 71);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = convolution(image, "block1_conv1", {32, 3, 2, "valid"});
  x = activation(batch_normalization(x, "block1_conv1_bn"), "block1_conv1_act");
  x = convolution(x, "block1_conv2", {64, 3, 1, "valid"});
  x = activation(batch_normalization(x, "block1_conv2_bn"), "block1_conv2_act");
  Numbered names;
  x = halved(x, 2, 128, 128, names);
  x = halved(x, 3, 256, 256, names);
  x = halved(x, 4, 728, 728, names);
  for (int number = 5; number <= 12; ++number) {
    const std::string block = "block" + std::to_string(number);
    Symbol y = x;
    for (int c = 1; c <= 3; ++c) {
      const std::string name = block + "_sepconv" + std::to_string(c);
      y = separable(activation(y, name + "_act"), name, 728);
    }
    x = built("Add", {}, names("add"))({y, x});
  }
  x = halved(x, 13, 728, 1024, names);
  x = activation(separable(x, "block14_sepconv1", 1536), "block14_sepconv1_act");
  x = activation(separable(x, "block14_sepconv2", 2048), "block14_sepconv2_act");
  x = built("GlobalAveragePooling2D", {}, "avg_pool")(x);
  return Model(image, classes(x, input.classes), "xception");
}

const RegisterBuiltin registered{"xception", {"Keras's Xception", {{299, 299, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise::builtin
