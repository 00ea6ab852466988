// LeakyReLU: x where positive, else negative_slope * x.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct LeakyReLUOptions {
  double negative_slope = 0.3;
};

inline LayerRef LeakyReLU(const LeakyReLUOptions& options = {}) {
  return make_layer({"LeakyReLU", Config::object({{"negative_slope", options.negative_slope}})});
}

}  // namespace batchwise
