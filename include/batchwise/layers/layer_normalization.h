// LayerNormalization: every sample over its last axis, or over neighbouring ones.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct LayerNormalizationOptions {
  std::vector<int64_t> axis = {-1};  // the batch is axis 0
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Spec beta_initializer = "Zeros";
  Spec gamma_initializer = "Ones";
  Spec beta_regularizer, gamma_regularizer;
  Spec beta_constraint, gamma_constraint;
};

inline LayerRef LayerNormalization(const LayerNormalizationOptions& options = {}) {
  return make_layer(
      {"LayerNormalization", Config::object({{"axis", Config(options.axis)},
                                             {"epsilon", options.epsilon},
                                             {"center", options.center},
                                             {"scale", options.scale},
                                             {"beta_initializer", config_of(options.beta_initializer)},
                                             {"gamma_initializer", config_of(options.gamma_initializer)},
                                             {"beta_regularizer", config_of(options.beta_regularizer)},
                                             {"gamma_regularizer", config_of(options.gamma_regularizer)},
                                             {"beta_constraint", config_of(options.beta_constraint)},
                                             {"gamma_constraint", config_of(options.gamma_constraint)}})});
}

}  // namespace batchwise
