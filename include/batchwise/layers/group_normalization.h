// GroupNormalization: every sample over groups of its channels.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct GroupNormalizationOptions {
  int64_t groups = 32;  // -1: a group for each channel
  int64_t axis = -1;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Spec beta_initializer = "Zeros";
  Spec gamma_initializer = "Ones";
  Spec beta_regularizer;
  Spec gamma_regularizer;
  Spec beta_constraint;
  Spec gamma_constraint;
};

inline LayerRef GroupNormalization(const GroupNormalizationOptions& options = {}) {
  return make_layer(
      {"GroupNormalization", Config::object({{"groups", options.groups},
                                             {"axis", options.axis},
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
