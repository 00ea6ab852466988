// SeparableConv1D: a convolution of each channel by itself, and a mix of the channels.
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct SeparableConv1DOptions {
  int64_t filters = 0;
  int64_t kernel_size = 0;
  int64_t strides = 1;
  std::string padding = "valid";  // or "same", "causal"
  int64_t dilation_rate = 1;
  int64_t depth_multiplier = 1;  // filters of each channel before they are mixed
  Spec activation;
  bool use_bias = true;
  Spec depthwise_initializer = "GlorotUniform";
  Spec pointwise_initializer = "GlorotUniform";
  Spec bias_initializer = "Zeros";
  Spec depthwise_regularizer;
  Spec pointwise_regularizer;
  Spec bias_regularizer;
  Spec activity_regularizer;
  Spec depthwise_constraint;
  Spec pointwise_constraint;
  Spec bias_constraint;
};

inline LayerRef SeparableConv1D(const SeparableConv1DOptions& options) {
  return make_layer(
      {"SeparableConv1D", Config::object({{"filters", options.filters},
                                          {"kernel_size", options.kernel_size},
                                          {"strides", options.strides},
                                          {"padding", options.padding},
                                          {"dilation_rate", options.dilation_rate},
                                          {"depth_multiplier", options.depth_multiplier},
                                          {"activation", config_of(options.activation)},
                                          {"use_bias", options.use_bias},
                                          {"depthwise_initializer", config_of(options.depthwise_initializer)},
                                          {"pointwise_initializer", config_of(options.pointwise_initializer)},
                                          {"bias_initializer", config_of(options.bias_initializer)},
                                          {"depthwise_regularizer", config_of(options.depthwise_regularizer)},
                                          {"pointwise_regularizer", config_of(options.pointwise_regularizer)},
                                          {"bias_regularizer", config_of(options.bias_regularizer)},
                                          {"activity_regularizer", config_of(options.activity_regularizer)},
                                          {"depthwise_constraint", config_of(options.depthwise_constraint)},
                                          {"pointwise_constraint", config_of(options.pointwise_constraint)},
                                          {"bias_constraint", config_of(options.bias_constraint)}})});
}

}  // namespace batchwise
