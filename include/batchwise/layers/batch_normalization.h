// BatchNormalization: exact over the whole batch, or over a declared number of samples ("ghost").
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct BatchNormalizationOptions {
  int64_t axis = -1;
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;
  bool scale = true;
  Spec beta_initializer = "Zeros";
  Spec gamma_initializer = "Ones";
  Spec moving_mean_initializer = "Zeros";
  Spec moving_variance_initializer = "Ones";
  Spec beta_regularizer, gamma_regularizer;
  Spec beta_constraint, gamma_constraint;
  // 0: the statistics are those of the whole batch, whatever memory it is trained in. n: those of each n consecutive
  // samples; the moving statistics then follow the means over the groups.
  int64_t ghost = 0;
};

inline LayerRef BatchNormalization(const BatchNormalizationOptions& options = {}) {
  return make_layer({"BatchNormalization",
                     Config::object({{"axis", options.axis},
                                     {"momentum", options.momentum},
                                     {"epsilon", options.epsilon},
                                     {"center", options.center},
                                     {"scale", options.scale},
                                     {"beta_initializer", config_of(options.beta_initializer)},
                                     {"gamma_initializer", config_of(options.gamma_initializer)},
                                     {"moving_mean_initializer", config_of(options.moving_mean_initializer)},
                                     {"moving_variance_initializer", config_of(options.moving_variance_initializer)},
                                     {"beta_regularizer", config_of(options.beta_regularizer)},
                                     {"gamma_regularizer", config_of(options.gamma_regularizer)},
                                     {"beta_constraint", config_of(options.beta_constraint)},
                                     {"gamma_constraint", config_of(options.gamma_constraint)},
                                     {"ghost_batch_size", options.ghost}})});
}

}  // namespace batchwise
