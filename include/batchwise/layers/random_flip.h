// RandomFlip: images mirrored, each way for half of the samples, while training.
#pragma once

#include <optional>
#include <string>

#include <batchwise/model.h>

namespace batchwise {

struct RandomFlipOptions {
  std::string mode = "horizontal_and_vertical";  // or "horizontal", "vertical"
  std::optional<int64_t> seed;
};

inline LayerRef RandomFlip(const RandomFlipOptions& options = {}) {
  return make_layer({"RandomFlip", Config::object({{"mode", options.mode},
                                                   {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
