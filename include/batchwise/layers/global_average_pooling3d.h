// GlobalAveragePooling3D: the mean of each channel of a volume.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct GlobalAveragePooling3DOptions {
  bool keepdims = false;  // axes of 1 stay
};

inline LayerRef GlobalAveragePooling3D(const GlobalAveragePooling3DOptions& options = {}) {
  return make_layer({"GlobalAveragePooling3D", Config::object({{"keepdims", options.keepdims}})});
}

}  // namespace batchwise
