// SpatialDropout3D: dropout of whole channels, the same at every place.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct SpatialDropout3DOptions {
  double rate = 0.5;
  std::optional<int64_t> seed;
};

inline LayerRef SpatialDropout3D(const SpatialDropout3DOptions& options) {
  return make_layer({"SpatialDropout3D", Config::object({{"rate", options.rate},
                                                         {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
