// GaussianNoise: while training, adds normal noise of standard deviation `stddev`.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct GaussianNoiseOptions {
  double stddev = 0.5;
  std::optional<int64_t> seed;
};

inline LayerRef GaussianNoise(const GaussianNoiseOptions& options) {
  return make_layer({"GaussianNoise", Config::object({{"stddev", options.stddev},
                                                      {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
