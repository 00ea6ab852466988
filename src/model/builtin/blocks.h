// What Keras's image models are put together from: layers with the names that Keras gives them.
#pragma once

#include <map>
#include <string>

#include "model/builtin/builtin.h"

namespace batchwise::builtin {

// Keras's names of layers that were given none: "conv2d", "conv2d_1", ... within one model.
class Numbered {
 public:
  std::string operator()(const std::string& base) {
    const int64_t number = counts_[base]++;
    return number ? base + "_" + std::to_string(number) : base;
  }

 private:
  std::map<std::string, int64_t> counts_;
};

struct ConvolutionOf {
  int64_t filters = 0;
  Config kernel = 3;
  int64_t strides = 1;
  std::string padding = "same";
  bool bias = false;
  std::string activation = "linear";
};

Symbol convolution(const Symbol& x, const std::string& name, const ConvolutionOf& options);
Symbol depthwise(const Symbol& x, const std::string& name, int64_t kernel, int64_t strides,
                 const std::string& padding = "same");
Symbol batch_normalization(const Symbol& x, const std::string& name, double epsilon = 1e-3, double momentum = 0.99);
Symbol activation(const Symbol& x, const std::string& name, const std::string& function = "relu");
Symbol zero_padding(const Symbol& x, const std::string& name, int64_t before, int64_t after);
Symbol max_pooling(const Symbol& x, const std::string& name, int64_t size, int64_t strides,
                   const std::string& padding = "valid");
Symbol classes(const Symbol& x, int64_t count);  // "predictions", a softmax

// Zeros before a convolution with stride 2, as Keras's correct_pad counts them for what divides unevenly.
Symbol padded_for_stride(const Symbol& x, const std::string& name, int64_t kernel);

// Throws unless samples are images of at least `smallest` in height and width.
void require_images(std::string_view model, const BuiltinInput& input, int64_t smallest);

}  // namespace batchwise::builtin
