// SpatialDropout2D: dropout of whole channels, the same at every place.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct SpatialDropout2DOptions {
  double rate = 0.5;
  std::optional<int64_t> seed;
};

inline LayerRef SpatialDropout2D(const SpatialDropout2DOptions& options) {
  return make_layer({"SpatialDropout2D", Config::object({{"rate", options.rate},
                                                         {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
