// RandomContrast: pixels moved away from their mean or towards it, while training.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct RandomContrastOptions {
  Config factor = 0.0;                        // f stands for 1 - f to 1 + f; or a list of two
  Config value_range = Config::List{0, 255};  // what comes out lies within
  std::optional<int64_t> seed;
};

inline LayerRef RandomContrast(const RandomContrastOptions& options = {}) {
  return make_layer({"RandomContrast", Config::object({{"factor", options.factor},
                                                       {"value_range", options.value_range},
                                                       {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
