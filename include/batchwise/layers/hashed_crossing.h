// HashedCrossing: features crossed into bins by their hash. Called on a list of tensors.
#pragma once

#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct HashedCrossingOptions {
  int64_t num_bins = 1;
  std::string output_mode = "int";  // or "one_hot"
};

inline LayerRef HashedCrossing(const HashedCrossingOptions& options) {
  return make_layer(
      {"HashedCrossing", Config::object({{"num_bins", options.num_bins}, {"output_mode", options.output_mode}})});
}

}  // namespace batchwise
