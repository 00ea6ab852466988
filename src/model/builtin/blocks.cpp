// Layers of Keras's image models.
#include "model/builtin/blocks.h"

namespace batchwise::builtin {

Symbol convolution(const Symbol& x, const std::string& name, const ConvolutionOf& o) {
  return built("Conv2D",
               {{"filters", o.filters},
                {"kernel_size", o.kernel},
                {"strides", o.strides},
                {"padding", o.padding},
                {"use_bias", o.bias},
                {"activation", o.activation}},
               name)(x);
}

Symbol depthwise(const Symbol& x, const std::string& name, int64_t kernel, int64_t strides,
                 const std::string& padding) {
  return built("DepthwiseConv2D",
               {{"kernel_size", kernel}, {"strides", strides}, {"padding", padding}, {"use_bias", false}}, name)(x);
}

Symbol batch_normalization(const Symbol& x, const std::string& name, double epsilon, double momentum) {
  return built("BatchNormalization", {{"epsilon", epsilon}, {"momentum", momentum}}, name)(x);
}

Symbol activation(const Symbol& x, const std::string& name, const std::string& function) {
  return built("Activation", {{"activation", function}}, name)(x);
}

Symbol zero_padding(const Symbol& x, const std::string& name, int64_t before, int64_t after) {
  return built("ZeroPadding2D", {{"padding", Config::List{Config::List{before, after}, Config::List{before, after}}}},
               name)(x);
}

Symbol max_pooling(const Symbol& x, const std::string& name, int64_t size, int64_t strides,
                   const std::string& padding) {
  return built("MaxPooling2D", {{"pool_size", size}, {"strides", strides}, {"padding", padding}}, name)(x);
}

Symbol classes(const Symbol& x, int64_t count) {
  return built("Dense", {{"units", count}, {"activation", "softmax"}}, "predictions")(x);
}

Symbol padded_for_stride(const Symbol& x, const std::string& name, int64_t kernel) {
  const int64_t half = kernel / 2;
  Config::List sides;
  for (int axis = 0; axis < 2; ++axis) sides.push_back(Config::List{half - (x.shape()[axis] % 2 == 0 ? 1 : 0), half});
  return built("ZeroPadding2D", {{"padding", sides}}, name)(x);
}

void require_images(std::string_view model, const BuiltinInput& input, int64_t smallest) {
  require(input.shape.rank() == 3 && input.shape[0] >= smallest && input.shape[1] >= smallest, model,
          "samples must be images of shape (height, width, channels), at least ", smallest, " by ", smallest, ". Got ",
          input.shape, ".");
}

}  // namespace batchwise::builtin
