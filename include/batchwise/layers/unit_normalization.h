// UnitNormalization: vectors of length 1.
#pragma once

#include <vector>

#include <batchwise/model.h>

namespace batchwise {

struct UnitNormalizationOptions {
  std::vector<int64_t> axis = {-1};
};

inline LayerRef UnitNormalization(const UnitNormalizationOptions& options = {}) {
  return make_layer({"UnitNormalization", Config::object({{"axis", Config(options.axis)}})});
}

}  // namespace batchwise
