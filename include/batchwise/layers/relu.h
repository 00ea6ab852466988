// ReLU: max(x, 0), with Keras's slope, bound and threshold.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct ReLUOptions {
  std::optional<double> max_value;
  double negative_slope = 0;
  double threshold = 0;
};

inline LayerRef ReLU(const ReLUOptions& options = {}) {
  return make_layer({"ReLU", Config::object({{"max_value", options.max_value ? Config(*options.max_value) : Config()},
                                             {"negative_slope", options.negative_slope},
                                             {"threshold", options.threshold}})});
}

}  // namespace batchwise
