// DepthwiseConv2D: a convolution of each channel by itself.
#pragma once

#include <string>

#include <batchwise/model.h>
#include <batchwise/size2d.h>

namespace batchwise {

struct DepthwiseConv2DOptions {
  Size2D kernel_size = 0;
  Size2D strides = 1;
  std::string padding = "valid";  // or "same"
  int64_t depth_multiplier = 1;   // filters of each channel
  Size2D dilation_rate = 1;
  Spec activation;
  bool use_bias = true;
  Spec depthwise_initializer = "GlorotUniform";
  Spec bias_initializer = "Zeros";
  Spec depthwise_regularizer;
  Spec bias_regularizer;
  Spec activity_regularizer;
  Spec depthwise_constraint;
  Spec bias_constraint;
};

inline LayerRef DepthwiseConv2D(const DepthwiseConv2DOptions& options) {
  return make_layer(
      {"DepthwiseConv2D", Config::object({{"kernel_size", config_of(options.kernel_size)},
                                          {"strides", config_of(options.strides)},
                                          {"padding", options.padding},
                                          {"depth_multiplier", options.depth_multiplier},
                                          {"dilation_rate", config_of(options.dilation_rate)},
                                          {"activation", config_of(options.activation)},
                                          {"use_bias", options.use_bias},
                                          {"depthwise_initializer", config_of(options.depthwise_initializer)},
                                          {"bias_initializer", config_of(options.bias_initializer)},
                                          {"depthwise_regularizer", config_of(options.depthwise_regularizer)},
                                          {"bias_regularizer", config_of(options.bias_regularizer)},
                                          {"activity_regularizer", config_of(options.activity_regularizer)},
                                          {"depthwise_constraint", config_of(options.depthwise_constraint)},
                                          {"bias_constraint", config_of(options.bias_constraint)}})});
}

}  // namespace batchwise
