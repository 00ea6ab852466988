// GlobalMaxPooling2D: the largest value of each channel.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct GlobalMaxPooling2DOptions {
  bool keepdims = false;
};

inline LayerRef GlobalMaxPooling2D(const GlobalMaxPooling2DOptions& options = {}) {
  return make_layer({"GlobalMaxPooling2D", Config::object({{"keepdims", options.keepdims}})});
}

}  // namespace batchwise
