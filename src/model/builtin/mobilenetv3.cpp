// mobilenetv3small, mobilenetv3large: Keras's MobileNetV3, with its layer names, so that weights can be exchanged.
#include <algorithm>
#include <cmath>

#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

struct Block {
  double expansion;
  int64_t filters, kernel, strides;
  bool squeezed, hard;  // a gate for each channel; hard swish instead of ReLU
};

const std::vector<Block> kSmall = {{1, 16, 3, 2, true, false},
                                   {72.0 / 16, 24, 3, 2, false, false},
                                   {88.0 / 24, 24, 3, 1, false, false},
                                   {4, 40, 5, 2, true, true},
                                   {6, 40, 5, 1, true, true},
                                   {6, 40, 5, 1, true, true},
                                   {3, 48, 5, 1, true, true},
                                   {3, 48, 5, 1, true, true},
                                   {6, 96, 5, 2, true, true},
                                   {6, 96, 5, 1, true, true},
                                   {6, 96, 5, 1, true, true}};
const std::vector<Block> kLarge = {
    {1, 16, 3, 1, false, false},  {4, 24, 3, 2, false, false},  {3, 24, 3, 1, false, false},
    {3, 40, 5, 2, true, false},   {3, 40, 5, 1, true, false},   {3, 40, 5, 1, true, false},
    {6, 80, 3, 2, false, true},   {2.5, 80, 3, 1, false, true}, {2.3, 80, 3, 1, false, true},
    {2.3, 80, 3, 1, false, true}, {6, 112, 3, 1, true, true},   {6, 112, 3, 1, true, true},
    {6, 160, 5, 2, true, true},   {6, 160, 5, 1, true, true},   {6, 160, 5, 1, true, true}};

// Keras's rounding of channels: to multiples of 8, never down by more than a tenth.
int64_t rounded(double channels) {
  const int64_t near = std::max<int64_t>(8, static_cast<int64_t>(channels + 4) / 8 * 8);
  return static_cast<double>(near) < 0.9 * channels ? near + 8 : near;
}

class Builder {
 public:
  Symbol normalised(const Symbol& x, const std::string& name) { return batch_normalization(x, name, 1e-3, 0.999); }
  Symbol active(const Symbol& x, bool hard) {
    return hard ? activation(x, names_("activation"), "hard_silu") : built("ReLU", {}, names_("re_lu"))(x);
  }

  Symbol block(const Symbol& input, size_t number, const Block& b) {
    const std::string prefix = number ? "expanded_conv_" + std::to_string(number) + "_" : "expanded_conv_";
    const std::string own =
        number ? "expanded_conv_" + std::to_string(number) + "_depthwise" : "expanded_conv_depthwise";
    const int64_t channels = input.shape().back();
    Symbol x = input;
    if (number) {
      x = convolution(x, prefix + "expand", {rounded(static_cast<double>(channels) * b.expansion), 1});
      x = active(normalised(x, prefix + "expand_bn"), b.hard);
    }
    if (b.strides == 2) x = padded_for_stride(x, own + "_pad", b.kernel);
    x = depthwise(x, own, b.kernel, b.strides, b.strides == 1 ? "same" : "valid");
    x = active(normalised(x, own + "_bn"), b.hard);
    if (b.squeezed) x = gated(x, prefix + "squeeze_excite_");
    x = normalised(convolution(x, prefix + "project", {b.filters, 1}), prefix + "project_bn");
    if (b.strides != 1 || channels != b.filters) return x;
    return built("Add", {}, prefix + "add")({input, x});
  }

 private:
  Symbol with_constant(const Symbol& x, const std::string& operation, const std::string& name, double constant) {
    CallForm form;
    form.arguments.set("1", constant);
    return built("ops.numpy." + operation, {}, names_(name))(std::vector<Symbol>{x}, form);
  }
  Symbol gated(const Symbol& x, const std::string& prefix) {
    const int64_t channels = x.shape().back();
    Symbol y = built("GlobalAveragePooling2D", {{"keepdims", true}}, prefix + "avg_pool")(x);
    y = convolution(y, prefix + "conv", {rounded(static_cast<double>(channels) * 0.25), 1, 1, "same", true});
    y = convolution(built("ReLU", {}, prefix + "relu")(y), prefix + "conv_1", {channels, 1, 1, "same", true});
    y = with_constant(y, "Add", "add", 3.0);
    y = built("ReLU", {{"max_value", 6.0}}, names_("re_lu"))(y);
    y = with_constant(y, "Multiply", "multiply", 1.0 / 6.0);
    return built("Multiply", {}, prefix + "mul")({x, y});
  }

  Numbered names_;
};

Model make(const BuiltinInput& input, const std::string& name, const std::vector<Block>& blocks, int64_t last) {
  require_images(name, input, 32);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Builder b;
  Symbol x = built("Rescaling", {{"scale", 1 / 127.5}, {"offset", -1.0}}, "rescaling")(image);
  x = b.active(b.normalised(convolution(x, "conv", {16, 3, 2}), "conv_bn"), true);
  for (size_t number = 0; number < blocks.size(); ++number) x = b.block(x, number, blocks[number]);
  const int64_t wide = rounded(static_cast<double>(x.shape().back()) * 6);
  x = b.active(b.normalised(convolution(x, "conv_1", {wide, 1}), "conv_1_bn"), true);
  x = built("GlobalAveragePooling2D", {{"keepdims", true}}, "global_average_pooling2d")(x);
  x = b.active(convolution(x, "conv_2", {last, 1, 1, "same", true}), true);
  x = built("Dropout", {{"rate", 0.2}}, "dropout")(x);
  x = convolution(x, "logits", {input.classes, 1, 1, "same", true});
  x = activation(built("Flatten", {}, "flatten")(x), "predictions", "softmax");
  return Model(image, x, name);
}

Model make_small(const BuiltinInput& input) { return make(input, "mobilenetv3small", kSmall, 1024); }
Model make_large(const BuiltinInput& input) { return make(input, "mobilenetv3large", kLarge, 1280); }

const RegisterBuiltin small{"mobilenetv3small",
                            {"Keras's MobileNetV3Small", {{224, 224, 3}, DType::Float32, 1000}, make_small}};
const RegisterBuiltin large{"mobilenetv3large",
                            {"Keras's MobileNetV3Large", {{224, 224, 3}, DType::Float32, 1000}, make_large}};

}  // namespace
}  // namespace batchwise::builtin
