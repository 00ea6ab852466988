// convnexttiny: Keras's ConvNeXtTiny, with its layer names, so that weights can be exchanged.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

const std::string kPrefix = "convnexttiny_";

LayerRef layer_normalization(const std::string& name) { return built("LayerNormalization", {{"epsilon", 1e-6}}, name); }
LayerRef patches(const std::string& name, int64_t filters, int64_t size) {
  return built("Conv2D", {{"filters", filters}, {"kernel_size", size}, {"strides", size}}, name);
}

Symbol block(const Symbol& x, const std::string& name, int64_t channels, Numbered& names) {
  Symbol y = built("Conv2D", {{"filters", channels}, {"kernel_size", 7}, {"padding", "same"}, {"groups", channels}},
                   name + "_depthwise_conv")(x);
  y = layer_normalization(name + "_layernorm")(y);
  y = built("Dense", {{"units", 4 * channels}}, name + "_pointwise_conv_1")(y);
  y = activation(y, name + "_gelu", "gelu");
  y = built("Dense", {{"units", channels}}, name + "_pointwise_conv_2")(y);
  y = built("LayerScale", {{"init_values", 1e-6}, {"projection_dim", channels}}, name + "_layer_scale")(y);
  y = activation(y, name + "_identity", "linear");
  return built("Add", {}, names("add"))({x, y});
}

Model make(const BuiltinInput& input) {
  require_images("convnexttiny", input, 32);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = image;
  if (input.shape.back() == 3)
    x = built("Normalization",
              {{"axis", -1},
               {"mean", Config::List{0.485 * 255, 0.456 * 255, 0.406 * 255}},
               {"variance", Config::List{(0.229 * 255) * (0.229 * 255), (0.224 * 255) * (0.224 * 255),
                                         (0.225 * 255) * (0.225 * 255)}}},
              kPrefix + "prestem_normalization")(x);
  const int depths[] = {3, 3, 9, 3};
  Numbered names;
  for (int stage = 0; stage < 4; ++stage) {
    const int64_t channels = int64_t{96} << stage;
    const std::string number = std::to_string(stage - 1);
    const Symbol start = Input(x.shape());
    const Model smaller = stage ? Sequential({start, layer_normalization(kPrefix + "downsampling_layernorm_" + number),
                                              patches(kPrefix + "downsampling_conv_" + number, channels, 2)},
                                             kPrefix + "downsampling_block_" + number)
                                : Sequential({start, patches(kPrefix + "stem_conv", channels, 4),
                                              layer_normalization(kPrefix + "stem_layernorm")},
                                             kPrefix + "stem");
    x = LayerRef(smaller)(x);
    for (int b = 0; b < depths[stage]; ++b)
      x = block(x, kPrefix + "stage_" + std::to_string(stage) + "_block_" + std::to_string(b), channels, names);
  }
  x = built("GlobalAveragePooling2D", {}, kPrefix + "head_gap")(x);
  x = layer_normalization(kPrefix + "head_layernorm")(x);
  x = built("Dense", {{"units", input.classes}, {"activation", "softmax"}}, kPrefix + "head_dense")(x);
  return Model(image, x, "convnexttiny");
}

const RegisterBuiltin registered{"convnexttiny", {"Keras's ConvNeXtTiny", {{224, 224, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise::builtin
