// Dense: activation(input * kernel + bias) on the last axis.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct DenseOptions {
  int64_t units = 0;
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

inline LayerRef Dense(const DenseOptions& options) {
  return make_layer({"Dense", Config::object({{"units", options.units},
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
