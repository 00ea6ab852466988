// GaussianDropout: while training, multiplies by normal noise around 1.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct GaussianDropoutOptions {
  double rate = 0.5;
  std::optional<int64_t> seed;
};

inline LayerRef GaussianDropout(const GaussianDropoutOptions& options) {
  return make_layer({"GaussianDropout", Config::object({{"rate", options.rate},
                                                        {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
