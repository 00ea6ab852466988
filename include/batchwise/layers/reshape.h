// Reshape: every sample under another shape, one dimension of which may be left to be found (-1).
#pragma once

#include <batchwise/model.h>

namespace batchwise {

inline LayerRef Reshape(const std::vector<int64_t>& target_shape) {
  return make_layer({"Reshape", Config::object({{"target_shape", Config(target_shape)}})});
}

}  // namespace batchwise
