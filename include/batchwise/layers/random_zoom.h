// RandomZoom: images scaled about their middle, while training.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct RandomZoomOptions {
  Config height_factor = 0.0;              // f stands for (-f, f); or a list of two. Positive: more is seen
  Config width_factor = {};                // as the height unless given
  std::string fill_mode = "reflect";       // or "constant", "wrap", "nearest"
  std::string interpolation = "bilinear";  // or "nearest"
  std::optional<int64_t> seed;
  double fill_value = 0;
};

inline LayerRef RandomZoom(const RandomZoomOptions& options = {}) {
  return make_layer({"RandomZoom", Config::object({{"height_factor", options.height_factor},
                                                   {"width_factor", options.width_factor},
                                                   {"fill_mode", options.fill_mode},
                                                   {"interpolation", options.interpolation},
                                                   {"seed", options.seed ? Config(*options.seed) : Config()},
                                                   {"fill_value", options.fill_value}})});
}

}  // namespace batchwise
