// RandomBrightness: pixels made brighter or darker, while training.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct RandomBrightnessOptions {
  Config factor = 0.0;                        // parts of the range of values: f stands for (-f, f); or a list of two
  Config value_range = Config::List{0, 255};  // what comes out lies within
  std::optional<int64_t> seed;
};

inline LayerRef RandomBrightness(const RandomBrightnessOptions& options = {}) {
  return make_layer({"RandomBrightness", Config::object({{"factor", options.factor},
                                                         {"value_range", options.value_range},
                                                         {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
