// Conv1D: activation(convolution of the steps with kernel + bias).
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct Conv1DOptions {
  int64_t filters = 0;
  int64_t kernel_size = 0;
  int64_t strides = 1;
  std::string padding = "valid";  // or "same", "causal"
  int64_t dilation_rate = 1;
  int64_t groups = 1;
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

inline LayerRef Conv1D(const Conv1DOptions& options) {
  return make_layer({"Conv1D", Config::object({{"filters", options.filters},
                                               {"kernel_size", options.kernel_size},
                                               {"strides", options.strides},
                                               {"padding", options.padding},
                                               {"dilation_rate", options.dilation_rate},
                                               {"groups", options.groups},
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
