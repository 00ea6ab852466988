// SpatialDropout1D: dropout of whole channels, the same at every step.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct SpatialDropout1DOptions {
  double rate = 0.5;
  std::optional<int64_t> seed;
};

inline LayerRef SpatialDropout1D(const SpatialDropout1DOptions& options) {
  return make_layer({"SpatialDropout1D", Config::object({{"rate", options.rate},
                                                         {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
