// RandomTranslation: images moved, while training.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct RandomTranslationOptions {
  Config height_factor = 0.0;  // parts of the height: f stands for (-f, f); or a list of two
  Config width_factor = 0.0;
  std::string fill_mode = "reflect";       // or "constant", "wrap", "nearest"
  std::string interpolation = "bilinear";  // or "nearest"
  std::optional<int64_t> seed;
  double fill_value = 0;
};

inline LayerRef RandomTranslation(const RandomTranslationOptions& options = {}) {
  return make_layer({"RandomTranslation", Config::object({{"height_factor", options.height_factor},
                                                          {"width_factor", options.width_factor},
                                                          {"fill_mode", options.fill_mode},
                                                          {"interpolation", options.interpolation},
                                                          {"seed", options.seed ? Config(*options.seed) : Config()},
                                                          {"fill_value", options.fill_value}})});
}

}  // namespace batchwise
