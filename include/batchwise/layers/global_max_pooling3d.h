// GlobalMaxPooling3D: the largest value of each channel of a volume.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct GlobalMaxPooling3DOptions {
  bool keepdims = false;  // axes of 1 stay
};

inline LayerRef GlobalMaxPooling3D(const GlobalMaxPooling3DOptions& options = {}) {
  return make_layer({"GlobalMaxPooling3D", Config::object({{"keepdims", options.keepdims}})});
}

}  // namespace batchwise
