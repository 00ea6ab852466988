// RandomRotation: images turned about their middle, while training.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct RandomRotationOptions {
  Config factor = 0.0;                     // parts of a full turn: f stands for (-f, f); or a list of two
  std::string fill_mode = "reflect";       // or "constant", "wrap", "nearest"
  std::string interpolation = "bilinear";  // or "nearest"
  std::optional<int64_t> seed;
  double fill_value = 0;
};

inline LayerRef RandomRotation(const RandomRotationOptions& options = {}) {
  return make_layer({"RandomRotation", Config::object({{"factor", options.factor},
                                                       {"fill_mode", options.fill_mode},
                                                       {"interpolation", options.interpolation},
                                                       {"seed", options.seed ? Config(*options.seed) : Config()},
                                                       {"fill_value", options.fill_value}})});
}

}  // namespace batchwise
