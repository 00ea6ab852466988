// Rescaling: x * scale + offset, for inputs of float32 or bytes.
#pragma once

#include <batchwise/model.h>

namespace batchwise {

struct RescalingOptions {
  double scale = 1;
  double offset = 0;
};

inline LayerRef Rescaling(const RescalingOptions& options) {
  return make_layer({"Rescaling", Config::object({{"scale", options.scale}, {"offset", options.offset}})});
}

}  // namespace batchwise
