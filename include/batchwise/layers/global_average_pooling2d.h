// GlobalAveragePooling2D: the mean of each channel over the whole image.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct GlobalAveragePooling2DOptions {
  bool keepdims = false;  // (1, 1, channels) instead of (channels)
};

inline LayerRef GlobalAveragePooling2D(const GlobalAveragePooling2DOptions& options = {}) {
  return make_layer({"GlobalAveragePooling2D", Config::object({{"keepdims", options.keepdims}})});
}

}  // namespace batchwise
