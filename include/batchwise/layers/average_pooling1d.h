// AveragePooling1D: the mean of each window of a line.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct AveragePooling1DOptions {
  int64_t pool_size = 2;
  std::optional<int64_t> strides;  // pool_size when not given
  std::string padding = "valid";   // or "same"
};

inline LayerRef AveragePooling1D(const AveragePooling1DOptions& options = {}) {
  return make_layer({"AveragePooling1D", Config::object({{"pool_size", options.pool_size},
                                                         {"strides", options.strides.value_or(options.pool_size)},
                                                         {"padding", options.padding}})});
}

}  // namespace batchwise
