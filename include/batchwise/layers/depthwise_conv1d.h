// DepthwiseConv1D: a convolution of each channel by itself.
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct DepthwiseConv1DOptions {
  int64_t kernel_size = 0;
  int64_t strides = 1;
  std::string padding = "valid";  // or "same"
  int64_t depth_multiplier = 1;   // filters of each channel
  int64_t dilation_rate = 1;
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

inline LayerRef DepthwiseConv1D(const DepthwiseConv1DOptions& options) {
  return make_layer(
      {"DepthwiseConv1D", Config::object({{"kernel_size", options.kernel_size},
                                          {"strides", options.strides},
                                          {"padding", options.padding},
                                          {"depth_multiplier", options.depth_multiplier},
                                          {"dilation_rate", options.dilation_rate},
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
