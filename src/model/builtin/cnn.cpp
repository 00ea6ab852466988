// cnn: two convolutions with pooling and dropout, for small images (Keras's "Simple MNIST convnet").
#include "model/builtin/builtin.h"

namespace batchwise {
namespace {

Model make(const BuiltinInput& input) {
  require(input.shape.rank() == 3 && input.shape[0] >= 10 && input.shape[1] >= 10, "cnn",
          "samples must be images of shape (height, width, channels), at least 10 by 10. Got ", input.shape, ".");
  std::vector<LayerRef> layers{Input(input.shape, {.dtype = input.dtype})};
  if (input.dtype == DType::UInt8) layers.push_back(built("Rescaling", {{"scale", 1 / 255.0}}));
  for (int filters : {32, 64}) {
    layers.push_back(built("Conv2D", {{"filters", filters}, {"kernel_size", 3}, {"activation", "relu"}}));
    layers.push_back(built("MaxPooling2D", {{"pool_size", 2}}));
  }
  layers.push_back(built("Flatten"));
  layers.push_back(built("Dropout", {{"rate", 0.5}}));
  layers.push_back(built("Dense", {{"units", input.classes}, {"activation", "softmax"}}));
  return Sequential(std::move(layers), "cnn");
}

const RegisterBuiltin registered{
    "cnn", {"two convolutions, pooling and dropout, for small images", {{28, 28, 1}, DType::UInt8, 10}, make}};

}  // namespace
}  // namespace batchwise
