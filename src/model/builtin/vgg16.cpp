// vgg16: Keras's VGG16, with its layer names, so that weights can be exchanged.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {
namespace {

Model make(const BuiltinInput& input) {
  require_images("vgg16", input, 32);
  const Symbol image = Input(input.shape, {.dtype = input.dtype});
  Symbol x = image;
  const int convolutions[] = {2, 2, 3, 3, 3};
  const int64_t filters[] = {64, 128, 256, 512, 512};
  for (int b = 0; b < 5; ++b) {
    const std::string block = "block" + std::to_string(b + 1);
    for (int c = 1; c <= convolutions[b]; ++c)
      x = convolution(x, block + "_conv" + std::to_string(c),
                      {.filters = filters[b], .bias = true, .activation = "relu"});
    x = max_pooling(x, block + "_pool", 2, 2);
  }
  x = built("Flatten", {}, "flatten")(x);
  for (const char* name : {"fc1", "fc2"}) x = built("Dense", {{"units", 4096}, {"activation", "relu"}}, name)(x);
  return Model(image, classes(x, input.classes), "vgg16");
}

const RegisterBuiltin registered{"vgg16", {"Keras's VGG16", {{224, 224, 3}, DType::Float32, 1000}, make}};

}  // namespace
}  // namespace batchwise::builtin
