// RandomCrop: a window of the image: drawn while training, else the middle.
#pragma once

#include <optional>

#include <batchwise/model.h>

namespace batchwise {

struct RandomCropOptions {
  int64_t height = 1;
  int64_t width = 1;
  std::optional<int64_t> seed;
};

inline LayerRef RandomCrop(const RandomCropOptions& options = {}) {
  return make_layer({"RandomCrop", Config::object({{"height", options.height},
                                                   {"width", options.width},
                                                   {"seed", options.seed ? Config(*options.seed) : Config()}})});
}

}  // namespace batchwise
