// Permute: the axes of a sample in another order.
#pragma once

#include <vector>

#include <batchwise/model.h>

namespace batchwise {

// `dims`: which axis each one of the result is; they count from 1.
inline LayerRef Permute(const std::vector<int64_t>& dims) {
  return make_layer({"Permute", Config::object({{"dims", Config(dims)}})});
}

}  // namespace batchwise
