// Conv2DTranspose: the transpose of a convolution: a larger image from a smaller one.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>
#include <batchwise/size2d.h>

namespace batchwise {

struct Conv2DTransposeOptions {
  int64_t filters = 0;
  Size2D kernel_size = 0;
  Size2D strides = 1;
  std::string padding = "valid";         // or "same"
  std::optional<Size2D> output_padding;  // as the padding says when not given
  Size2D dilation_rate = 1;
  Spec activation;
  bool use_bias = true;
  Spec kernel_initializer = "GlorotUniform";
  Spec bias_initializer = "Zeros";
  Spec kernel_regularizer;
  Spec bias_regularizer;
  Spec activity_regularizer;
  Spec kernel_constraint;
  Spec bias_constraint;
};

inline LayerRef Conv2DTranspose(const Conv2DTransposeOptions& options) {
  return make_layer(
      {"Conv2DTranspose",
       Config::object({{"filters", options.filters},
                       {"kernel_size", config_of(options.kernel_size)},
                       {"strides", config_of(options.strides)},
                       {"padding", options.padding},
                       {"output_padding", options.output_padding ? config_of(*options.output_padding) : Config()},
                       {"dilation_rate", config_of(options.dilation_rate)},
                       {"activation", config_of(options.activation)},
                       {"use_bias", options.use_bias},
                       {"kernel_initializer", config_of(options.kernel_initializer)},
                       {"bias_initializer", config_of(options.bias_initializer)},
                       {"kernel_regularizer", config_of(options.kernel_regularizer)},
                       {"bias_regularizer", config_of(options.bias_regularizer)},
                       {"activity_regularizer", config_of(options.activity_regularizer)},
                       {"kernel_constraint", config_of(options.kernel_constraint)},
                       {"bias_constraint", config_of(options.bias_constraint)}})});
}

}  // namespace batchwise
