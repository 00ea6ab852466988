// unet: a U-Net for images, a class for each pixel: downwards by pooling, upwards by transposed convolutions.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

Symbol doubled(const Symbol& x, const std::string& name, int64_t filters) {
  const ConvolutionOf options{.filters = filters, .bias = true, .activation = "relu"};
  return convolution(convolution(x, name + "_conv1", options), name + "_conv2", options);
}

Model make(const BuiltinInput& input) {
  require(input.shape.rank() == 3 && input.shape[0] % 8 == 0 && input.shape[1] % 8 == 0 && input.shape[0] > 0 &&
              input.shape[1] > 0,
          "unet", "samples must be images of shape (height, width, channels) with sizes that 8 divides. Got ",
          input.shape, ".");
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = image;
  if (input.dtype != DType::Float32) x = built("Rescaling", {{"scale", 1 / 255.0f}})(x);
  std::vector<Symbol> skipped;
  int64_t filters = 32;
  for (int level = 1; level <= 3; ++level, filters *= 2) {
    skipped.push_back(doubled(x, "down" + std::to_string(level), filters));
    x = max_pooling(skipped.back(), "down" + std::to_string(level) + "_pool", 2, 2);
  }
  x = doubled(x, "bottom", filters);
  for (int level = 3; level >= 1; --level) {
    filters /= 2;
    const std::string name = "up" + std::to_string(level);
    x = built("Conv2DTranspose", {{"filters", filters}, {"kernel_size", 2}, {"strides", 2}, {"padding", "same"}},
              name + "_conv_transpose")(x);
    x = built("Concatenate", {}, name + "_concat")({x, skipped[static_cast<size_t>(level) - 1]});
    x = doubled(x, name, filters);
  }
  const Symbol pixels =
      convolution(x, "pixels", {.filters = input.classes, .kernel = 1, .bias = true, .activation = "softmax"});
  return Model(image, pixels, "unet");
}

const RegisterBuiltin registered{
    "unet", {"U-Net with 32 to 256 filters, a class for each pixel", {{128, 128, 3}, DType::Float32, 2}, make, true}};

}  // namespace
}  // namespace batchwise::builtin
