// PReLU: max(x, 0) + alpha min(x, 0), alpha learned for each element.
#pragma once

#include <vector>

#include <batchwise/model.h>

namespace batchwise {

struct PReLUOptions {
  Spec alpha_initializer = "Zeros";
  Spec alpha_regularizer;
  Spec alpha_constraint;
  std::vector<int64_t> shared_axes;  // axes along which alpha is one; the batch is axis 0
};

inline LayerRef PReLU(const PReLUOptions& options = {}) {
  return make_layer({"PReLU", Config::object({{"alpha_initializer", config_of(options.alpha_initializer)},
                                              {"alpha_regularizer", config_of(options.alpha_regularizer)},
                                              {"alpha_constraint", config_of(options.alpha_constraint)},
                                              {"shared_axes", Config(options.shared_axes)}})});
}

}  // namespace batchwise
