// PReLU: x where positive, else a learned slope times x.
#pragma once

#include <vector>

#include <batchwise/model.h>

namespace batchwise {

struct PReLUOptions {
  Spec alpha_initializer = "Zeros";
  std::vector<int64_t> shared_axes;  // that share a slope; the batch is axis 0
};

inline LayerRef PReLU(const PReLUOptions& options = {}) {
  return make_layer({"PReLU", Config::object({{"alpha_initializer", config_of(options.alpha_initializer)},
                                              {"shared_axes", options.shared_axes.empty()
                                                                  ? Config()
                                                                  : Config(options.shared_axes)}})});
}

}  // namespace batchwise
