// AlphaDropout: dropout that keeps the mean and the variance of what selu gives.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct AlphaDropoutOptions {
  double rate = 0.5;
  std::optional<int64_t> seed;
};

inline LayerRef AlphaDropout(const AlphaDropoutOptions& options) {
  return make_layer({"AlphaDropout", Config::object({{"rate", options.rate},
                                                     {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
