// RMSNormalization: every sample divided by the root of its mean square.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct RMSNormalizationOptions {
  int64_t axis = -1;
  double epsilon = 1e-6;
};

inline LayerRef RMSNormalization(const RMSNormalizationOptions& options = {}) {
  return make_layer({"RMSNormalization", Config::object({{"axis", options.axis}, {"epsilon", options.epsilon}})});
}

}  // namespace batchwise
