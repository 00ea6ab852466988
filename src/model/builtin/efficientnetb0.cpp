// efficientnetb0: Keras's EfficientNetB0, with its layer names, so that weights can be exchanged.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

struct Stage {
  int64_t kernel;
  int repeats;
  int64_t filters, expansion, strides;
};
constexpr Stage kStages[] = {{3, 1, 16, 1, 1},  {3, 2, 24, 6, 2},  {5, 2, 40, 6, 2}, {3, 3, 80, 6, 2},
                             {5, 3, 112, 6, 1}, {5, 4, 192, 6, 2}, {3, 1, 320, 6, 1}};

Symbol normalised(const Symbol& x, const std::string& name) { return batch_normalization(x, name); }

Symbol block(const Symbol& input, const std::string& name, const Stage& stage, int64_t strides, double drop) {
  const int64_t channels = input.shape().back(), wide = channels * stage.expansion;
  Symbol x = input;
  if (stage.expansion != 1) {
    x = normalised(convolution(x, name + "expand_conv", {wide, 1}), name + "expand_bn");
    x = activation(x, name + "expand_activation", "silu");
  }
  if (strides == 2) x = padded_for_stride(x, name + "dwconv_pad", stage.kernel);
  x = depthwise(x, name + "dwconv", stage.kernel, strides, strides == 2 ? "valid" : "same");
  x = activation(normalised(x, name + "bn"), name + "activation", "silu");
  const int64_t few = std::max<int64_t>(1, channels / 4);
  Symbol squeezed = built("GlobalAveragePooling2D", {}, name + "se_squeeze")(x);
  squeezed = built("Reshape", {{"target_shape", Config::List{1, 1, wide}}}, name + "se_reshape")(squeezed);
  squeezed = convolution(squeezed, name + "se_reduce", {few, 1, 1, "same", true, "silu"});
  squeezed = convolution(squeezed, name + "se_expand", {wide, 1, 1, "same", true, "sigmoid"});
  x = built("Multiply", {}, name + "se_excite")({x, squeezed});
  x = normalised(convolution(x, name + "project_conv", {stage.filters, 1}), name + "project_bn");
  if (strides != 1 || channels != stage.filters) return x;
  if (drop > 0)
    x = built("Dropout", {{"rate", drop}, {"noise_shape", Config::List{Config(), 1, 1, 1}}}, name + "drop")(x);
  return built("Add", {}, name + "add")({x, input});
}

Model make(const BuiltinInput& input) {
  require_images("efficientnetb0", input, 32);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = built("Rescaling", {{"scale", 1 / 255.0}}, "rescaling")(image);
  x = built("Normalization", {{"axis", 3}}, "normalization")(x);
  x = convolution(padded_for_stride(x, "stem_conv_pad", 3), "stem_conv", {32, 3, 2, "valid"});
  x = activation(normalised(x, "stem_bn"), "stem_activation", "silu");
  int blocks = 0, at = 0;
  for (const Stage& stage : kStages) blocks += stage.repeats;
  for (int s = 0; s < 7; ++s)
    for (int r = 0; r < kStages[s].repeats; ++r, ++at) {
      const std::string name = "block" + std::to_string(s + 1) + static_cast<char>('a' + r);
      x = block(x, name + "_", kStages[s], r ? 1 : kStages[s].strides, 0.2 * at / blocks);
    }
  x = activation(normalised(convolution(x, "top_conv", {1280, 1}), "top_bn"), "top_activation", "silu");
  x = built("GlobalAveragePooling2D", {}, "avg_pool")(x);
  x = built("Dropout", {{"rate", 0.2}}, "top_dropout")(x);
  return Model(image, classes(x, input.classes), "efficientnetb0");
}

const RegisterBuiltin registered{"efficientnetb0",
                                 {"Keras's EfficientNetB0", {{224, 224, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise::builtin
